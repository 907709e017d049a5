"""Times one rendered frame of a saved shot, without the extension, and its peak memory."""

from __future__ import annotations

import time
from pathlib import Path

import bpy
import common

given = common.arguments()
bpy.ops.wm.open_mainfile(filepath=given["blend"])
scene = bpy.context.scene
common.choose_engine(given["engine"])
common.exact_cycles()
scene.frame_set(scene.frame_start)
common.warm_up()
scene.frame_set(given["frame"])
started, used = time.perf_counter(), time.process_time()
image = common.render(Path(given["folder"]) / "cost")
common.leave(
    {
        "image": image,
        "seconds": time.perf_counter() - started,
        "cpu_seconds": time.process_time() - used,
        "peak_mb": common.peak_mb(),
    }
)
