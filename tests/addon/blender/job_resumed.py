"""Opens the file of a generation that was interrupted, and goes on with it."""

from pathlib import Path

import bpy
import common
from job_common import left_in, offered, ours

given = common.arguments()
root = Path(given["folder"])
bpy.ops.wm.open_mainfile(filepath=str(root / f"{given['how']}.blend"))
found = {"empty": ours(), "offered": offered()}
outcome = sorted(bpy.ops.livescape.resume())
common.leave({**found, "outcome": outcome, "ours": ours(), "afterwards": offered(),
              "left": left_in(root)})  # fmt: skip
