"""How far out of its place something is seen on the path whose depth is not what it should be."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from livescape.cameras.path_views import evenly
from livescape.cameras.projection import project_points, unproject_points
from livescape_shared.camera import Camera

Float32Image = NDArray[np.float32]
Mask = NDArray[np.bool_]

FRAMES = 12
"""Frames of the path, at most, that are looked at."""

BESIDE = 0.1
"""Share of a frame's sides up to which what is beside it counts: a frame between shows it."""

NEARER = 1e-3
"""Share of its depth by which a place is tried nearer."""


def displacement(
    depth: Float32Image, there: Mask, camera: Camera, path: Sequence[Camera]
) -> Float32Image:
    """Return [H, W] by how many pixels, at most, a path sees places moved per unit of disparity.

    Whoever goes forward sees what is ahead stay in its place, however far it is; whoever goes aside
    sees all move alike. What no frame shows does not count.

    Args:
        depth: [H, W] metres.
        there: [H, W] the places that are asked for; elsewhere it is 0.
        camera: Sees the grid.
        path: Every camera of the shot.
    """
    found = np.zeros(depth.shape, np.float32)
    rows, columns = np.nonzero(there)
    if not len(rows) or not path:
        return found
    centres = np.column_stack([columns, rows]) + 0.5
    own = depth[there].astype(np.float64)
    nearer = own / (1.0 + NEARER)
    places, moved = (unproject_points(centres, far, camera) for far in (own, nearer))
    most = np.zeros(len(rows))
    for number in evenly(len(path), min(len(path), FRAMES)):
        view = path[number]
        before, away = project_points(places, view)
        after, _ = project_points(moved, view)
        size = np.array([view.width, view.height])
        inside = (before >= -BESIDE * size) & (before <= (1.0 + BESIDE) * size)
        seen = (away > 0) & inside.all(axis=1)
        most = np.where(seen, np.maximum(most, np.linalg.norm(after - before, axis=1)), most)
    found[there] = most / (1.0 / nearer - 1.0 / own)
    return found
