"""A landscape that is known exactly: a plane with boxes on it under a sky."""

import numpy as np

from livescape.depth.popup import ground_plane
from livescape.layout.types import GROUND, SKY, UPRIGHT, SceneLayout

SIZE = (120, 160)
HORIZON = 48.0
K = np.array([[140.0, 0, 80.0], [0, 140.0, 60.0], [0, 0, 1]])
BOXES = ((20, 50, 70, 30), (70, 100, 60, 42), (120, 150, 90, 36))
"""First and last column, row of the foot and row of the top."""


def labels():
    """[H, W] class of every pixel."""
    found = np.full(SIZE, SKY)
    found[int(HORIZON) :] = GROUND
    for left, right, foot, top in BOXES:
        found[top:foot, left:right] = UPRIGHT
    return found


def layout(found=None):
    """The layout, sure of every class."""
    found = labels() if found is None else found
    planes = [(found == index).astype(np.float32) for index in range(5)]
    return SceneLayout(np.stack(planes), HORIZON, *np.zeros((3, *planes[0].shape), np.float32))


def truth():
    """Depth [H, W] in metres of plane and boxes, infinite in the sky; the plane is the scene's."""
    plane = ground_plane(layout(), K)
    rows = plane.depth_at(np.arange(SIZE[0]) + 0.5)
    depth = np.repeat(rows[:, None], SIZE[1], axis=1)
    depth[labels() == SKY] = np.inf
    for left, right, foot, top in BOXES:
        depth[top:foot, left:right] = plane.depth_at(np.array([foot + 0.5]))[0]
    return depth


def photo():
    """[H, W, 3] float32: one colour a class, a little noise."""
    colours = np.array([[0.6, 0.75, 0.95], [0, 0, 0], [0.35, 0.45, 0.2], [0.5, 0.3, 0.25]])
    noise = np.random.default_rng(3).normal(0.0, 0.01, (*SIZE, 3))
    return np.clip(colours[labels()] + noise, 0.0, 1.0).astype(np.float32)
