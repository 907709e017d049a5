"""Renders scenes of the backend from the photo's place: of both blends, one after the other."""

from pathlib import Path

import bpy
import common
import stage

common.enable()
given = common.arguments()
folder = Path(given["folder"])
scene = bpy.context.scene
bpy.ops.wm.save_as_mainfile(filepath=str(folder / "shot.blend"))
common.add_camera(location=given["eye"], lens=given["lens"])
common.set_render(*given["size"])
common.addon("render_setup.prepare").prepare(scene)
stage.use_engine(given["engine"])
place = common.addon("generate.place").place_object
images = {}
for blend, cache in given["caches"].items():
    place(scene, Path(cache), "Livescape")
    scene.frame_set(given["frame"])
    if blend == "srgb":
        common.addon("compositing.setups").set_up(scene, bpy.context.view_layer, "srgb")
    common.render(folder / blend)
    images[blend] = scene.render.filepath
common.leave({"images": images})
