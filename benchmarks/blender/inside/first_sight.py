"""Presses Generate with a server that is ready, and Cancel at the first scene that moves.

Nothing is drawn: what a window takes to draw is its graphics card's.
"""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import bpy
import numpy as np
from common import addon, arguments, leave

BEAT_S = 0.02

given = arguments()
folder = Path(given["folder"])
running = addon("generate.running")


def clock() -> tuple[float, float]:
    """Return the time, and what this Blender has computed."""
    return time.perf_counter(), time.process_time()


def since(began: tuple[float, float]) -> tuple[float, float]:
    """Return the seconds that have passed, and those of computing."""
    passed, computed = clock()
    return round(passed - began[0], 3), round(computed - began[1], 3)


bpy.ops.wm.read_factory_settings(use_empty=True)
bpy.ops.preferences.addon_enable(module="bl_ext.user_default.livescape")
scene = bpy.context.scene
camera = bpy.data.objects.new("Camera", bpy.data.cameras.new("Camera"))
scene.collection.objects.link(camera)
scene.camera = camera
camera.rotation_euler = (np.pi / 2, 0.0, 0.0)
scene.frame_end = 250
for frame, place in ((1, 0.0), (250, 0.4)):
    camera.location.x = place
    camera.keyframe_insert("location", frame=frame)
bpy.ops.wm.save_as_mainfile(filepath=str(folder / "shot.blend"))
scene.livescape.photo = given["photo"]
scene.livescape.preset = "draft"
scene.livescape.seed = int(time.time())

found: dict[str, Any] = {}
shown: list[Any] = []
longest = 0.0
began = clock()
running.start(bpy.context, previews=True)
found["bar_s"], found["bar_computed_s"] = since(began)
while len(shown) < 2:
    worked = time.thread_time()
    outcome = running.tick(bpy.context)
    longest = max(longest, time.thread_time() - worked)
    if outcome is not None:
        raise outcome.error or RuntimeError(outcome.note)
    job = running.current()
    if job.shown is not None and job.shown not in shown:
        shown.append(job.shown)
        name = ("still", "moving")[len(shown) - 1]
        found[f"{name}_s"], found[f"{name}_blender_computed_s"] = since(began)
    time.sleep(BEAT_S)
began = clock()
bpy.ops.livescape.cancel()
while running.tick(bpy.context) is None:
    time.sleep(BEAT_S)
found["cancel_s"], found["cancel_blender_computed_s"] = since(began)
leave({**found, "longest_call_computed_s": round(longest, 4)})
