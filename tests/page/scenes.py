"""A wall of Gaussians that flows in its middle, as a whole scene with a camera path."""

import json
from dataclasses import replace

import numpy as np
from tests.deform.support import FADE, HEIGHT, LOOP, VIEW, WIDTH, random_field, wall

from livescape.deform.living_scene import LivingScene
from livescape_shared.camera import Camera
from livescape_shared.scene import SceneMeta


def scene(blend="linear", *, loop=True):
    """Return 700 Gaussians that stand and 50 that move, each by two copies."""
    still, moving = _at_depths(wall(), 0.6), random_field()
    moving = replace(moving, gaussians=_at_depths(moving.gaussians, -0.6))
    meta = SceneMeta(
        static=len(still), moving=2 * len(moving), loop_frames=LOOP, loop=loop, fade=FADE,
        start_frame=1, fps=24.0, blend=blend, deforms=False,
    )  # fmt: skip
    return LivingScene(still, moving, json.dumps(meta.to_dict()), "{}")


def _at_depths(gaussians, span):
    """Spread Gaussians along the view: at one depth, every renderer has an order of its own."""
    count = len(gaussians)
    shares = np.random.default_rng(1).permutation(count)[:, None] / count + 0.1
    return replace(gaussians, means=gaussians.means + span * shares * VIEW.viewmat[2, :3])


def cameras(count=5, scale=4):
    """Return a move to the side, with a lens that is shifted, at a size worth looking at."""
    K = np.array(VIEW.K)
    K[:2] *= scale
    K[0, 2] += 20.0
    found = []
    for index in range(count):
        viewmat = np.array(VIEW.viewmat)
        viewmat[0, 3] -= 0.1 * index
        found.append(Camera(WIDTH * scale, HEIGHT * scale, K, viewmat))
    return found
