"""Imports a .4dgs scene through the backend, under a keyed camera, and renders it."""

from importlib.util import find_spec
from pathlib import Path

import bpy
import common
import stage

common.enable()
given = common.arguments()
folder = Path(given["folder"])
scene = bpy.context.scene
scene.render.fps = 24
bpy.ops.wm.save_as_mainfile(filepath=str(folder / "shot.blend"))
result = {"library": find_spec("fourdgs") is not None}
scene.frame_start, scene.frame_end = 3, 6
camera = common.add_camera()
camera.keyframe_insert("location", frame=3)
camera.location = (0.4, 0.1, 0.2)
camera.keyframe_insert("location", frame=6)
common.set_render(160, 90)
stage.use_engine(given["engine"])
common.addon("render_setup.prepare").prepare(scene)
bpy.ops.livescape.import_splats(filepath=given["scene"])
item = bpy.context.active_object
result["note"], result["name"] = bpy.context.window_manager.livescape.note, item.name
for frame in (3, 4, 6):
    scene.frame_set(frame)
    result[f"image {frame}"] = common.render(folder / f"four{frame}")
    result[f"camera {frame}"] = common.current_camera()
try:
    bpy.ops.livescape.import_splats(filepath=given["damaged"])
except RuntimeError as error:
    result["damaged"] = str(error)
result["caches"] = len(list((folder / "livescape").iterdir()))
common.leave(result)
