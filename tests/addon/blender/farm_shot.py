"""An artist's file before it goes to the farm: a camera that moves, and its exported path."""

from pathlib import Path

import bpy
import common

common.enable()
given = common.arguments()
folder = Path(given["folder"])
scene = bpy.context.scene
scene.frame_start, scene.frame_end = 1, given["frames"]
scene.render.engine = "CYCLES"
scene.cycles.samples = 4
scene.render.resolution_x, scene.render.resolution_y = 64, 48
camera = common.add_camera(location=(0.0, 0.0, 1.7))
for frame, x in ((1, 0.0), (given["frames"], 0.4)):
    camera.location.x = x
    camera.keyframe_insert("location", frame=frame)
bpy.ops.wm.save_as_mainfile(filepath=str(folder / "scene.blend"))
bpy.ops.livescape.export_camera_path(filepath=str(folder / "camera_path.json"))
common.leave(True)
