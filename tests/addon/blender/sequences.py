"""Imports numbered files as one moving object, under a camera of the scene's own, and renders."""

from pathlib import Path

import bpy
import common
import stage

common.enable()
given = common.arguments()
folder = Path(given["folder"])
scene = bpy.context.scene
bpy.ops.wm.save_as_mainfile(filepath=str(folder / "shot.blend"))
scene.frame_start, scene.frame_end = 3, 8
camera = common.add_camera()
camera.keyframe_insert("location", frame=3)
camera.location = (0.5, 0.2, 0.3)
camera.keyframe_insert("location", frame=8)
common.set_render(160, 90)
stage.use_engine(given["engine"])
common.addon("render_setup.prepare").prepare(scene)
result = {}
for name in ("tracked", "counted"):
    bpy.ops.livescape.import_splats(filepath=given[name], axes="z_up")
    item = bpy.context.active_object
    result[name] = {"note": bpy.context.window_manager.livescape.note, "name": item.name}
    for frame in (3, 5, 6):
        scene.frame_set(frame)
        result[name][f"image {frame}"] = common.render(folder / f"{name}{frame}")
        result[name][f"camera {frame}"] = common.current_camera()
    bpy.data.objects.remove(item)
bpy.ops.livescape.import_splats(filepath=given["tracked"], axes="z_up", as_sequence=False)
result["alone"] = bpy.context.window_manager.livescape.note
common.leave(result)
