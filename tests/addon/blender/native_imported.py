"""Converts what Blender itself has imported, where Blender can import splats."""

from pathlib import Path

import bpy
import common
import numpy as np

common.enable()
given = common.arguments()
folder = Path(given["folder"])
bpy.ops.wm.save_as_mainfile(filepath=str(folder / "shot.blend"))
if not common.addon("compat").HAS_NATIVE_SPLATS:
    common.leave({"available": False})
bpy.ops.wm.ply_import(filepath=given["colored"], forward_axis="Y", up_axis="Z")
(source,) = bpy.data.objects
bpy.context.view_layer.objects.active = source
bpy.ops.livescape.convert_points()
made = common.addon("exchange.played").PlayedObject(bpy.context.active_object)
scene = bpy.context.scene
found = made.at(scene.frame_current, bpy.context.evaluated_depsgraph_get())
np.savez(folder / "converted.npz", **vars(found.gaussians), harmonics=found.harmonics)
common.leave({"available": True, "type": source.data.type})
