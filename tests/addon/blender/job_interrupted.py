"""Starts a generation and ends in the middle of it: as a window is closed, or by ``kill -9``."""

import os
import signal
import time
from pathlib import Path

import bpy
import common
from job_common import pump, running, shot, state
from tests.addon import jobs

FRAMES = {"closed": 7, "killed": 6, "early": 5, "beside": 4, "discarded": 3}
given = common.arguments()
root = Path(given["folder"])
is_early = given["how"] in ("early", "beside", "discarded")
shot(root / f"{given['how']}.blend", root, jobs.EARLY if is_early else jobs.LONG)
bpy.context.scene.frame_end = FRAMES[given["how"]]  # all are new
running.start(bpy.context, previews=is_early)
if is_early:
    pump(until=lambda: running.current().shown is not None)
else:
    pump(until=lambda: state().stage == "working" and state().fraction > 0.05)
if given["how"] == "closed":
    bpy.ops.preferences.addon_disable(module=common.MODULE)  # as Blender does when it quits
    common.leave({"running": running.is_running()})
Path(given["result"]).write_text(str(os.getpid()))
if given["how"] == "beside":
    while True:  # the other Blender kills this one
        running.tick(bpy.context)
        time.sleep(0.05)
os.kill(os.getpid(), signal.SIGKILL)
