"""Small real jobs for the server's worker; the photo's bytes say which one.

The loop length says how many frames come, ``fit_iterations`` how many steps are taken.
"""

import os
import signal
import time
import zlib
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from livescape_shared.errors import Cancelled, LivescapeError

STATIC, MOVING = 20, 8
STAGES = ("first", "second", "third")
FLOOD = 300_000


@dataclass
class Result:
    frames: int
    lie: str = ""
    megabytes: int = 0
    seed: int = 7
    report: dict = field(default_factory=dict)


def generate(request, *, report, cancelled, cache_dir, show=None):
    kind = request.photo.decode(errors="replace").split("#")[0]
    if kind == "stages":
        _stages(request, report, cancelled, cache_dir)
        return result_of(request)
    if kind == "early":
        _early(request, report, cancelled, show)
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
        "together": lambda: _together(request, report, cancelled, cache_dir),
        "error": _planned_failure,
        "memory": lambda: np.empty(2**60, dtype=np.uint8),
        "flood": lambda: _flood(report),
        "print": lambda: os.write(1, b"not an event\n"),
        "full": lambda: _small_files(result),
        "large": lambda: setattr(result, "megabytes", int(request.photo.decode().split("#")[1])),
        "lie": lambda: setattr(result, "lie", request.photo.decode().split("#")[1]),
    }
    misbehave.get(kind, lambda: None)()
    return result


def result_of(request):
    """Return the result of a job of stages: another one for every request."""
    return Result(request.settings.loop_frames, seed=zlib.crc32(request.photo))


def _stages(request, report, cancelled, cache_dir):
    """Stages that are computed once, as the pipeline's are, and note each time that they are."""
    steps = request.settings.fit_iterations
    folder = Path(cache_dir) / request.job_id()
    folder.mkdir(parents=True, exist_ok=True)
    for stage in STAGES:
        for step in range(0 if (folder / stage).exists() else steps):
            if cancelled():
                raise Cancelled
            report(stage, step, steps, (STAGES.index(stage) + step / steps) / len(STAGES))
            time.sleep(0.005)
        with (folder / f"{stage}.times").open("a") as times:
            times.write("" if (folder / stage).exists() else "x")
        (folder / stage).touch()


def _early(request, report, cancelled, show):
    """Show two scenes, if they are wanted, each time the test has seen enough of what was before.

    The photo names a folder; the test writes ``1`` and ``2`` into it.
    """
    folder = Path(request.photo.decode().split("#")[1])
    (folder / f"wanted {show is not None}").touch()
    for number in (1, 2):
        if show is not None:
            show(Result(number, seed=number))
        while not (folder / str(number)).exists():
            if cancelled():
                raise Cancelled
            report("waiting", number, 2, number / 3)
            time.sleep(0.01)


def _unstoppable(report, cancelled):
    """A call that cannot be asked from inside, watched as the pipeline watches such calls."""
    from livescape.context.progress import Progress  # brings torch, which the other jobs do without

    Progress(report, cancelled).waiting(lambda: time.sleep(1000))


def _together(request, report, cancelled, cache_dir):
    """Wait until as many jobs as the seed says are at this line at the same time."""
    folder = Path(cache_dir) / "together"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / request.job_id()).touch()
    while len(list(folder.iterdir())) < request.settings.seed:
        if cancelled():
            raise Cancelled
        report("waiting", 0, 1, 0.0)
        time.sleep(0.01)


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
    rng = np.random.default_rng(result.seed)
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
