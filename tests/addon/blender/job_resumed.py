"""Opens the file of a generation that was interrupted, and goes on with it."""

import os
import threading
from pathlib import Path

import bpy
import common
from job_common import end_of, left_in, offered, offers, ours, records

given = common.arguments()
root = Path(given["folder"])
bpy.ops.wm.open_mainfile(filepath=str(root / f"{given['how']}.blend"))
found = {"empty": ours(), "offered": offered()}
found["before"] = left_in(root)
request = records.read_request(root / "livescape", offers.open_offers()[0])
if given["how"] == "early":  # it waits for these
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
              "left": left_in(root), "job": end_of(request.job_id())})  # fmt: skip
