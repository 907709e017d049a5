"""Imports numbered files as one moving object, under a camera of the scene's own, and renders."""

from pathlib import Path

import bpy
import common
import stage

common.enable()
given = common.arguments()
folder = Path(given["folder"])
bpy.ops.wm.save_as_mainfile(filepath=str(folder / "shot.blend"))
stage.keyed_shot(given["engine"], 3, 8, (0.5, 0.2, 0.3))
result = {}
for name in ("tracked", "counted"):
    bpy.ops.livescape.import_splats(filepath=given[name], axes="z_up")
    item = bpy.context.active_object
    result[name] = {"note": bpy.context.window_manager.livescape.note, "name": item.name}
    result[name] |= stage.rendered(folder / name, (3, 5, 6))
    bpy.data.objects.remove(item)
bpy.ops.livescape.import_splats(filepath=given["tracked"], axes="z_up", as_sequence=False)
result["alone"] = bpy.context.window_manager.livescape.note
common.leave(result)
