"""What moves beside what stands: seen together in some pixels now, and parted later."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from livescape.cameras.projection import project_points, unproject_points
from livescape.points.feet import Feet, feet_of
from livescape.points.layers import LayeredPhoto
from livescape_shared.camera import Camera
from livescape_shared.gaussians import Gaussians

BESIDE = 3.0
"""Pixels of an outline within which what stands and what moves are seen together."""

PARTED = 1.0
"""Pixels of the photo by which one must move against the other to be seen without it."""


def beside_what_stands(
    gaussians: Gaussians, moves: NDArray[np.bool_], photo: LayeredPhoto
) -> NDArray[np.bool_]:
    """Return [N] which of those that move are beside what stands in the photo.

    Args:
        gaussians: N Gaussians.
        moves: [N] which of them move.
        photo: The layers, of which the front tells what stands.
    """
    feet = feet_of(photo)
    found = np.zeros(len(gaussians), bool)
    if feet is not None:
        found[_beside(gaussians, moves, feet, photo.camera)[0]] = True
    return found


def parted_by_the_path(
    gaussians: Gaussians, moves: NDArray[np.bool_], photo: LayeredPhoto, path: Sequence[Camera]
) -> NDArray[np.bool_]:
    """Return [N] which of them some frame of ``path`` shows apart from what they are beside.

    Before a camera that stands still none is, however it flows: see :func:`beside_what_stands`.
    """
    found = np.zeros(len(gaussians), bool)
    feet = feet_of(photo)
    if feet is None:
        return found
    at, foot = _beside(gaussians, moves, feet, photo.camera)
    feet_at = unproject_points(foot[:, :2], foot[:, 2], photo.camera)
    apart = np.zeros(len(at))
    own = _between(gaussians.means[at], feet_at, photo.camera)
    for view in path:
        shift = np.linalg.norm(_between(gaussians.means[at], feet_at, view) - own, axis=1)
        apart = np.fmax(apart, shift)
    found[at] = apart * photo.camera.K[0, 0] > PARTED
    return found


def _beside(
    gaussians: Gaussians, moves: NDArray[np.bool_], feet: Feet, camera: Camera
) -> tuple[NDArray[np.intp], NDArray[np.float32]]:
    """Return which K are beside what stands, and its nearest pixel and depth [K, 3]."""
    pixels, depth = project_points(gaussians.means, camera)
    size = camera.width, camera.height
    inside = moves & (depth > 0.0) & np.all((pixels >= 0.0) & (pixels < size), axis=1)
    columns, rows = pixels[inside].astype(np.int64).T
    near = feet.clearance[rows, columns] <= BESIDE
    return np.flatnonzero(inside)[near], feet.foot[rows[near], columns[near]]


def _between(
    points: NDArray[np.floating], others: NDArray[np.floating], camera: Camera
) -> NDArray[np.float64]:
    """Return where ``points`` [K, 3] are seen from ``others`` [K, 3], [K, 2] in focal lengths.

    NaN where one of them is not in front of the camera.
    """
    (first, depth), (second, beyond) = (project_points(each, camera) for each in (points, others))
    seen = (depth > 0.0) & (beyond > 0.0)
    apart = (first - second) / (camera.K[0, 0], camera.K[1, 1])
    return np.where(seen[:, None], apart, np.nan)
