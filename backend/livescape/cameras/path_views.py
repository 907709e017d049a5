"""Which views to train on: the photo, the artist's path, and a little around it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from livescape.cameras.photo_camera import photo_camera
from livescape_shared.camera import Camera

AROUND = ((-1.0, 0.0), (1.0, 0.0), (0.0, -1.0), (0.0, 1.0), (-0.7, -0.7), (0.7, 0.7))
"""Sideways and vertical offsets, in turn, of the views around the path."""

LEAST_TRAVEL = 0.004
"""Margin travel, relative to the scene's depth, when the authored camera stands still."""


def sample_views(
    reference: Camera, path: Sequence[Camera], count: int, margin: float, depth: float
) -> list[Camera]:
    """Return ``count`` cameras of the reference camera's image size, the reference first.

    Two thirds of the others lie evenly on the path; the rest are moved off it sideways by
    ``margin`` times the path's extent.

    Args:
        reference: The photo camera.
        path: The camera of every frame.
        count: Number of views.
        margin: Fraction of the path's extent.
        depth: Typical depth of the scene in metres.
    """
    on_path = max(1, round((count - 1) * 2 / 3)) if count > 1 else 0
    around = count - 1 - on_path
    views = [reference]
    for index in evenly(len(path), on_path):
        views.append(_as_photo(path[index], reference))
    extent = max(np.linalg.norm(view.position - reference.position) for view in path)
    step = max(margin * float(extent), LEAST_TRAVEL * depth)
    for number, index in enumerate(evenly(len(path), around)):
        sideways, vertical = AROUND[number % len(AROUND)]
        offset = step * np.array([sideways, vertical, 0.0])
        views.append(_moved(_as_photo(path[index], reference), offset))
    return views


def evenly(length: int, count: int) -> NDArray[np.int64]:
    """Return ``count`` indices into ``length`` frames, both ends included."""
    return np.rint(np.linspace(0, length - 1, count)).astype(np.int64)


def _as_photo(view: Camera, reference: Camera) -> Camera:
    return photo_camera(view, reference.width, reference.height)


def _moved(camera: Camera, offset: NDArray[np.float64]) -> Camera:
    """Return ``camera`` moved by ``offset`` [3] in its own axes."""
    viewmat = camera.viewmat.copy()
    viewmat[:3, 3] -= offset
    return Camera(camera.width, camera.height, camera.K, viewmat)
