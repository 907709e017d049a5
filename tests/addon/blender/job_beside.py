"""Opens a file at whose generation another Blender is, which is then killed."""

import os
import signal
import threading
import time
from pathlib import Path

import bpy
import common
from job_common import left_in, offered, offers, ours, records
from stub_layout import Layout

given = common.arguments()
root = Path(given["folder"])
bpy.ops.wm.open_mainfile(filepath=str(root / "beside.blend"))


def drawn():
    """What the panel says of it, as far as it is a text."""
    log = []
    common.addon("ui.sections").draw_offers(Layout(log), 200)
    return [line.split(", begun")[0] for line in log]


def opened():
    """Open the file anew, when all that happens beside Blender's window is done."""
    bpy.ops.wm.open_mainfile(filepath=str(root / "beside.blend"))
    for thread in threading.enumerate():
        if not thread.daemon and thread is not threading.main_thread():
            thread.join()
    return left_in(root)


found = {"offered": offered(), "drawn": drawn(), "left": opened()}
os.kill(given["other"], signal.SIGKILL)
for _ in range(1000):
    if not offers.followed_elsewhere():
        break
    time.sleep(0.02)
found |= {"afterwards": offered(), "drawn afterwards": drawn(), "still left": opened()}
(record,) = records.all_records(root / "livescape")
for name in ("first", "second"):
    (Path(os.environ["LIVESCAPE_STATE_DIR"]) / "cache" / name).touch()
found["outcome"] = sorted(bpy.ops.livescape.resume())
try:
    bpy.ops.livescape.resume(record=record.id)
except RuntimeError:
    found["again"] = bpy.context.window_manager.livescape.error_code
bpy.ops.wm.save_mainfile()
found |= {"in the end": opened(), "ours": ours()}
common.leave(found)
