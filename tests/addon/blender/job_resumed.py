"""Opens the file of a generation that was interrupted, and goes on with it."""

import os
import threading
from pathlib import Path

import bpy
import common
from job_common import left_in, offered, offers, ours, records

from livescape_shared.connection import default_state_dir
from livescape_shared.messages import Jobs, ListJobs

question = common.addon("bridge.question")
find_server = common.addon("bridge.launcher").find_server
Timing = common.addon("bridge.liveness").Timing


def end_of(job):
    """Return the state in which the server's job ends."""
    with question.entered(find_server(default_state_dir()), "test", Timing()) as (session, _):
        while True:
            state = question.ask(session, ListJobs(), Jobs).jobs[job]["state"]
            if state not in ("queued", "running"):
                return state


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
