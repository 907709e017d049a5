"""A job for real servers in tests: a synthetic scene at once; the seed asks for trouble."""

import time
from pathlib import Path

import numpy as np
from tests.addon import synthetic

from livescape_shared.errors import Cancelled, LivescapeError

FAIL, SLOW, INCONSISTENT, STILL, LONG, EARLY, EARLY_FAIL = 1, 2, 3, 4, 5, 6, 7
HELD = 100
"""Seeds from here on are held until they are released: each once, as a server that has done a
request answers the same one from what it has."""

STEPS = {SLOW: 2000, LONG: 300}


class Result:
    def __init__(self, scene, seed) -> None:
        self.scene, self.seed = scene, seed
        self.report = {"job": "synthetic"}


def generate(request, *, report, cancelled, cache_dir, show=None):
    seed = request.settings.seed
    if seed in (EARLY, EARLY_FAIL) and show is not None:
        early(request, report, cancelled, Path(cache_dir), show)
    if seed >= HELD:
        hold(Path(cache_dir) / str(seed), report, cancelled)
    steps = STEPS.get(seed, 3)
    for step in range(steps):
        report("working", step, steps, step / steps)
        if cancelled():
            raise Cancelled
        time.sleep(0.01)
    if seed in (FAIL, EARLY_FAIL):
        raise LivescapeError("photo_too_flat", "The photo shows a wall.", hint="Choose another.")
    pairs = 0 if seed == STILL else 200
    scene = synthetic.scene(600, pairs, request.settings.loop_frames, request.camera_path.frames[0])
    return Result(scene, seed)


def early(request, report, cancelled, folder, show):
    """Show a scene that stands, then one that moves, each until a file says to go on."""
    frames, start = request.settings.loop_frames, request.camera_path.frames[0]
    for name, pairs in (("first", 0), ("second", 50)):
        show(Result(synthetic.scene(300, pairs, frames, start), 0))
        hold(folder / name, report, cancelled)


def hold(path, report, cancelled):
    """Wait until a file says to go on, and remove it."""
    while not path.exists():
        report("working", 0, 1, 0.5)
        if cancelled():
            raise Cancelled
        time.sleep(0.01)
    path.unlink()


def release(state_dir, seed):
    """Let the one that is held go on."""
    (Path(state_dir) / "cache" / str(seed)).touch()


def result_chunks(result):
    scene = result.scene
    meta = scene.meta.to_dict()
    yield "scene", 0, meta, {}
    yield "static", 0, {}, dict(vars(scene.static))
    moving = dict(vars(scene.moving.gaussians))
    yield (
        "moving",
        0,
        {},
        {
            **moving,
            "windows": scene.moving.windows,
        },
    )
    for frame in scene.frames() if meta["moving"] else ():
        means = frame.means * (np.nan if result.seed == INCONSISTENT and frame.index == 3 else 1)
        yield "frame", frame.index, {}, {"means": means.astype(np.float32)}
