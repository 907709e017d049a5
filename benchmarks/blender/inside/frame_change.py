"""Times changes of the frame of a saved shot without the extension, and the memory they add."""

from __future__ import annotations

import statistics
import time

import bpy
import common

given = common.arguments()
before = common.resident_mb()
bpy.ops.wm.open_mainfile(filepath=given["blend"])
scene = bpy.context.scene
item = next(each for each in scene.objects if "livescape_name" in each)
# what a render evaluates, in place of the viewport's surfels; EEVEE's order of faces included
item["livescape_exact_viewport"] = given["exact"]
item["livescape_through_camera"] = int(given.get("through", False))
item.update_tag()
scene.frame_set(scene.frame_start)
seconds, cpu_seconds = [], []
for frame in range(scene.frame_start, scene.frame_end + 1):
    started, used = time.perf_counter(), time.process_time()
    scene.frame_set(frame)
    cpu_seconds.append(time.process_time() - used)
    seconds.append(time.perf_counter() - started)
evaluated = item.evaluated_get(bpy.context.evaluated_depsgraph_get())
common.leave(
    {
        "faces": len(evaluated.data.polygons),
        "seconds": statistics.median(seconds),
        "cpu_seconds": statistics.median(cpu_seconds),
        "added_mb": common.peak_mb() - before,
    }
)
