"""Generates twice, by the timer's own function, and times every call on the main thread."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import bpy
import numpy as np
from common import addon, arguments, leave

BEAT_S = 0.01

given = arguments()
folder = Path(given["folder"])
running = addon("generate.running")


def beat() -> dict[str, Any]:
    """Generate once; return how long each call took, and how late the main thread woke up."""
    calls: list[tuple[float, str, float]] = []
    late: list[float] = []
    state = bpy.context.window_manager.livescape
    started, worked = time.perf_counter(), time.thread_time()
    running.start(bpy.context, previews=True)
    before_the_bar = time.perf_counter() - started
    before_the_bar_cpu = time.thread_time() - worked
    outcome, evaluated, shown, undo_step = None, 0.0, [], {}
    while outcome is None:
        begun, worked = time.perf_counter(), time.thread_time()
        outcome = running.tick(bpy.context)
        worked = time.thread_time() - worked  # what a busy machine cannot stretch
        seconds = time.perf_counter() - begun
        if outcome is None:
            calls.append((seconds, state.stage, worked))
        else:  # the step of undo, which is a call of its own and Blender's work
            undo_step = {"undo_step": seconds, "undo_step_cpu": worked}
        job = running.current()
        if job is not None and job.shown is not None and job.shown not in shown:
            shown.append(job.shown)
        begun = time.perf_counter()
        bpy.context.view_layer.update()  # what a window does before it draws
        evaluated = max(evaluated, time.perf_counter() - begun)
        begun = time.perf_counter()
        time.sleep(BEAT_S)
        late.append(time.perf_counter() - begun - BEAT_S)
    if outcome.error is not None:
        raise outcome.error
    longest = sorted(calls, reverse=True)[:3]
    return {
        "seconds_before_the_bar": before_the_bar,
        "cpu_seconds_before_the_bar": before_the_bar_cpu,
        "shown_before_the_whole": len(shown),
        "calls": len(calls),
        "longest_call": longest[0][0],
        "longest_call_cpu": max(worked for _, _, worked in calls),
        "longest_calls": [[round(seconds, 4), stage] for seconds, stage, _ in longest],
        **undo_step,
        "blenders_own_evaluation": evaluated,
        "largest_gap_between_calls": max(late),
        "seconds": time.perf_counter() - started,
    }


bpy.ops.wm.read_factory_settings(use_empty=True)
bpy.ops.preferences.addon_enable(module="bl_ext.user_default.livescape")
scene = bpy.context.scene
camera = bpy.data.objects.new("Camera", bpy.data.cameras.new("Camera"))
scene.collection.objects.link(camera)
scene.camera = camera
camera.rotation_euler = (np.pi / 2, 0.0, 0.0)
scene.frame_end = 250
for frame, place in ((1, 0.0), (250, 1.0)):
    camera.location.x = place
    camera.keyframe_insert("location", frame=frame)
image = bpy.data.images.new("noise", 640, 480)
image.pixels.foreach_set(np.random.default_rng(0).random(4 * 640 * 480, np.float32))
scene.render.image_settings.file_format = "PNG"
image.save_render(str(folder / "photo.png"), scene=scene)
bpy.ops.wm.save_as_mainfile(filepath=str(folder / "shot.blend"))
scene.livescape.photo = str(folder / "photo.png")
scene.livescape.loop_frames = 48
first = beat()
bpy.context.evaluated_depsgraph_get()
scene.livescape.seed = 1
leave({"first": first, "second": beat()})
