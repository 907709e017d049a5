"""Generates while the server that the add-on has started is killed twice."""

import json
import os
import signal
import threading
import time
from pathlib import Path

import bpy
import common

given = common.arguments()
root = Path(given["folder"])
common.enable()

from tests.addon import jobs  # noqa: E402 - needs what the add-on brings

scene = bpy.context.scene
group, state = scene.livescape, bpy.context.window_manager.livescape
common.add_camera()
common.set_render()
group.photo = common.write_noise(root / "photo.png")
bpy.ops.wm.save_as_mainfile(filepath=str(root / "shot.blend"))
group.loop_frames = 8
group.seed = jobs.LONG
folder = Path(os.environ["LIVESCAPE_STATE_DIR"]) / "server"
killed = []


def kill_servers() -> None:
    """End each of the first two servers a moment after it has the job."""
    while len(killed) < 2:
        time.sleep(0.05)
        try:
            pid = json.loads((folder / "server.json").read_text())["pid"]
        except (OSError, ValueError):
            continue
        if pid not in killed and any((folder / "results").iterdir()):
            time.sleep(0.8)
            os.kill(pid, signal.SIGKILL)
            killed.append(pid)


thread = threading.Thread(target=kill_servers, daemon=True)
thread.start()
outcome = sorted(bpy.ops.livescape.generate())
common.leave({"outcome": outcome, "note": state.note, "killed": killed})
