"""Lets the server load early, then generates."""

import os
from pathlib import Path

import bpy
import common

from livescape_shared.connection import default_state_dir

given = common.arguments()
root = Path(given["folder"])
common.enable()
early_server = common.addon("generate.early_server")
local_server = common.addon("generate.local_server")
find_server = common.addon("bridge.launcher").find_server
scene = bpy.context.scene
common.add_camera()
common.set_render()
scene.livescape.photo = common.write_noise(root / "photo.png")
bpy.ops.wm.save_as_mainfile(filepath=str(root / "shot.blend"))
scene.livescape.loop_frames = 8

python = os.environ.pop("LIVESCAPE_PYTHON")
early_server.begin(bpy.context)
early_server.wait()
without = [process.pid for process in local_server._started]
os.environ["LIVESCAPE_PYTHON"] = python


def running() -> int:
    found = find_server(default_state_dir())
    return found.pid if found is not None else 0


early_server.begin(bpy.context)
early_server.begin(bpy.context)
early_server.wait()
early = running()
early_server.begin(bpy.context)
early_server.wait()
again = running()
outcome = sorted(bpy.ops.livescape.generate())
common.leave(
    {
        "without_a_backend": without,
        "early": early,
        "again": again,
        "outcome": outcome,
        "used": running(),
        "started": len(set(local_server._started)),
    }
)
