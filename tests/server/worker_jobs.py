"""Small real jobs for the server's worker; the photo's bytes say which one.

The loop length says how many frames come, ``fit_iterations`` how many steps are taken.
"""

import os
import signal
import time
from dataclasses import dataclass, field

import numpy as np

from livescape_shared.errors import Cancelled, LivescapeError

STATIC, MOVING = 20, 8
FLOOD = 300_000


@dataclass
class Result:
    frames: int
    lie: str = ""
    megabytes: int = 0
    report: dict = field(default_factory=dict)


def generate(request, *, report, cancelled, cache_dir):
    kind = request.photo.decode().split("#")[0]
    steps, settings = request.settings.fit_iterations, request.settings
    for step in range(steps):
        if cancelled():
            raise Cancelled
        report("counting", step + 1, steps, (step + 1) / steps)
        time.sleep(0.002 if kind != "slow" else 0.05)
    result = Result(settings.loop_frames, report={"steps": steps, "pid": os.getpid()})
    misbehave = {
        "die": lambda: os.kill(os.getpid(), signal.SIGKILL),
        "exit": lambda: os._exit(3),
        "hang": lambda: time.sleep(1000),
        "fault": lambda: result.report["no such key"],
        "unstoppable": lambda: _unstoppable(report, cancelled),
        "error": _planned_failure,
        "memory": lambda: np.empty(2**60, dtype=np.uint8),
        "flood": lambda: _flood(report),
        "print": lambda: os.write(1, b"not an event\n"),
        "full": lambda: _small_files(result),
        "lie": lambda: setattr(result, "lie", request.photo.decode().split("#")[1]),
    }
    misbehave.get(kind, lambda: None)()
    return result


def _unstoppable(report, cancelled):
    """A call that cannot be asked from inside, watched as the pipeline watches such calls."""
    from livescape.context.progress import Progress  # brings torch, which the other jobs do without

    Progress(report, cancelled).waiting(lambda: time.sleep(1000))


def _planned_failure():
    raise LivescapeError("depth_failed", "There is no depth.", hint="Use another photo.")


def _flood(report):
    for step in range(FLOOD):
        report("flooding", step, FLOOD, step / FLOOD)


def _small_files(result):
    import resource  # not on Windows

    resource.setrlimit(resource.RLIMIT_FSIZE, (2**20, 2**20))
    result.megabytes = 4


def arrays(count, rng):
    quats = rng.normal(size=(count, 4))
    return {
        "means": rng.normal(size=(count, 3)).astype(np.float32),
        "quats": (quats / np.linalg.norm(quats, axis=1, keepdims=True)).astype(np.float32),
        "scales": rng.uniform(0.01, 0.1, (count, 3)).astype(np.float32),
        "opacities": rng.uniform(0.0, 1.0, count).astype(np.float32),
        "colors": rng.uniform(0.0, 1.0, (count, 3)).astype(np.float32),
    }


def result_chunks(result):
    rng = np.random.default_rng(7)
    meta = {
        "static": STATIC + result.megabytes * 2**15,
        "moving": MOVING,
        "loop_frames": result.frames,
        "loop": True,
        "fade": 0.1,
        "start_frame": 1,
        "fps": 24.0,
        "blend": "linear",
    }
    yield "scene", 0, meta, {}
    static = arrays(meta["static"] - (result.lie == "count"), rng)
    if result.lie == "nan":
        static["means"][3, 1] = np.nan
    yield "static", 0, {}, static
    moving = arrays(MOVING, rng)
    windows = np.sort(rng.uniform(size=(MOVING, 2))).astype(np.float32)
    yield "moving", 0, {}, {**moving, "windows": windows}
    for index in range(result.frames + (result.lie != "frames")):
        frame = {name: moving[name] for name in ("means", "quats", "scales")}
        yield "frame", index + (result.lie == "order"), {}, frame
