"""A job for real servers in tests: a synthetic scene at once; the seed asks for trouble."""

import time

import numpy as np
from tests.addon import synthetic

from livescape_shared.errors import Cancelled, LivescapeError

FAIL, SLOW, INCONSISTENT, STILL, LONG = 1, 2, 3, 4, 5
STEPS = {SLOW: 2000, LONG: 300}


class Result:
    def __init__(self, scene, seed) -> None:
        self.scene, self.seed = scene, seed
        self.report = {"job": "synthetic"}


def generate(request, *, report, cancelled, cache_dir):
    seed = request.settings.seed
    steps = STEPS.get(seed, 3)
    for step in range(steps):
        report("working", step, steps, step / steps)
        if cancelled():
            raise Cancelled
        time.sleep(0.01)
    if seed == FAIL:
        raise LivescapeError("photo_too_flat", "The photo shows a wall.", hint="Choose another.")
    pairs = 0 if seed == STILL else 200
    scene = synthetic.scene(600, pairs, request.settings.loop_frames, request.camera_path.frames[0])
    return Result(scene, seed)


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
