"""Builds a small shot, saves it and renders frames of it."""

from pathlib import Path

import bpy
import common
from tests.addon import synthetic

common.enable()
folder = Path(common.arguments()["folder"])
scene = bpy.context.scene
common.add_camera()
common.set_render(160, 90)
bpy.ops.wm.save_as_mainfile(filepath=str(folder / "shot.blend"))
common.write_scene(synthetic.scene(static=800, pairs=300))
common.addon("render_setup.prepare").prepare(scene)
bpy.ops.wm.save_mainfile()
images = {}
for frame in common.arguments()["frames"]:
    scene.frame_set(frame)
    images[frame] = common.render(folder / f"saved_{frame}")
common.leave({"blend": str(folder / "shot.blend"), "images": images})
