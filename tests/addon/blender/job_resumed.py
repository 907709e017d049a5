"""Opens the file of a generation that was interrupted, and goes on with it."""

import os
import threading
from pathlib import Path

import bpy
import common
from job_common import left_in, offered, ours

given = common.arguments()
root = Path(given["folder"])
bpy.ops.wm.open_mainfile(filepath=str(root / f"{given['how']}.blend"))
found = {"empty": ours(), "offered": offered()}
found["before"] = left_in(root)
if given["how"] in ("early", "discarded"):  # it waits for these
    for name in ("first", "second"):
        (Path(os.environ["LIVESCAPE_STATE_DIR"]) / "cache" / name).touch()
act = bpy.ops.livescape.discard if given["how"] == "discarded" else bpy.ops.livescape.resume
outcome = sorted(act())
bpy.ops.wm.save_mainfile()
bpy.ops.wm.open_mainfile(filepath=bpy.data.filepath)
for thread in threading.enumerate():
    if not thread.daemon and thread is not threading.main_thread():
        thread.join()
common.leave({**found, "outcome": outcome, "ours": ours(), "afterwards": offered(),
              "left": left_in(root)})  # fmt: skip
