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
stage.keyed_shot(given["engine"], 3, 6, (0.4, 0.1, 0.2))
importing = bpy.ops.livescape.import_splats
importing(filepath=given["scene"])
result = {
    "library": find_spec("fourdgs") is not None,
    "name": bpy.context.active_object.name,
    "note": bpy.context.window_manager.livescape.note,
    **stage.rendered(folder / "four", (3, 4, 6)),
    "damaged": stage.refused(importing, filepath=given["damaged"]),
    "caches": len(list((folder / "livescape").iterdir())),
}
common.leave(result)
