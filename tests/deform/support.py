"""A wall of Gaussians that flows to the right in its middle."""

import numpy as np
from tests.points.support import camera, texture, turned

from livescape.cameras.projection import unproject_image
from livescape.deform.basis import MovingField
from livescape.deform.trajectories import MotionGrid
from livescape_shared.gaussians import Gaussians

WIDTH, HEIGHT, DEPTH, LOOP = 64, 48, 6.0, 12
FADE = 0.2
VIEW = camera(WIDTH, HEIGHT, 60.0, turned(0.3, -0.1, (2.0, 1.0, -1.0)))
EYE = VIEW.position.astype(np.float32)
PIXEL = DEPTH / 60.0
"""Metres on the wall that one pixel spans."""

RIGHT = VIEW.viewmat[0, :3]
"""Image x axis in world axes."""


def wall(columns=None, depth=DEPTH, step=2):
    """Gaussians facing the camera, one each ``step`` pixels, within a range of columns."""
    first, last = columns or (0, WIDTH)
    rows = slice(step // 2, None, step)
    chosen = (rows, slice(first + step // 2, last, step))
    points = unproject_image(np.full((HEIGHT, WIDTH), depth, np.float32), VIEW)
    means = points[chosen].reshape(-1, 3)
    count = len(means)
    scales = np.tile(np.array([0.6, 0.6, 0.1]) * step * PIXEL, (count, 1))
    rotation = VIEW.viewmat[:3, :3].T
    w = 0.5 * np.sqrt(1.0 + np.trace(rotation))
    skew = np.array([
        rotation[2, 1] - rotation[1, 2], rotation[0, 2] - rotation[2, 0],
        rotation[1, 0] - rotation[0, 1],
    ])  # fmt: skip
    quats = np.tile([w, *skew / (4 * w)], (count, 1))
    colors = texture(HEIGHT, WIDTH)[chosen].reshape(-1, 3)
    return Gaussians(means, quats, scales, np.full(count, 0.9), colors)


def uniform_grid(speed=1.5, columns=(16, 48), *, loop=True):
    """Motion of ``speed`` pixels a frame to the right within a range of columns.

    In a loop copies hand over the later, the farther down they are.
    """
    mask = np.zeros((HEIGHT, WIDTH), np.float32)
    mask[:, slice(*columns)] = 1.0
    motion = mask[..., None] * (speed * PIXEL * RIGHT).astype(np.float32)
    moments = np.linspace(0.3, 0.7, HEIGHT, dtype=np.float32)[:, None].repeat(WIDTH, 1)
    return MotionGrid(motion.astype(np.float32), mask, VIEW, moments if loop else None)


def random_field(count=50, terms=6, seed=0):
    rng = np.random.default_rng(seed)
    gaussians = wall()[rng.choice(700, count, replace=False)]
    coefficients = (0.2 * rng.normal(size=(terms, count, 3))).astype(np.float32)
    life = np.column_stack([-rng.uniform(0, 2, count), rng.uniform(0, 2, count)])
    hands = rng.uniform(FADE / 2, 1 - FADE / 2, (count, 2)).astype(np.float32)
    return MovingField(gaussians, coefficients, life.astype(np.float32), hands, FADE, EYE)
