"""Cameras that stay above what lies below them: nobody photographs the underside of the ground.

At six times its travel a path would dive metres below a lake, where truth shows nothing but backs
of surfaces. How far it goes down is then scaled; all else of it, and every other path, stays as it
is to the bit.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from livescape_shared.camera import Camera

Float64Array = NDArray[np.float64]

LEAST = 0.2
"""Metres between a camera and what is highest below it."""

BESIDE = 0.3
"""Metres to its sides in which something counts as below it."""

ALOFT = 10.0
"""How high the view from above is taken, in units of how far it has to look to the sides."""

LEVEL = 1e-6
"""Metres that a path goes down by rounding alone."""

Paths = Mapping[str, Sequence[Camera]]


def view_from_above(paths: Paths, photo: Camera) -> Camera | None:
    """Return a camera that looks straight down on all places to which ``paths`` go down.

    Args:
        paths: The cameras of every path.
        photo: The photo's camera; the world's Z is up.

    Returns:
        The camera, of the photo's size, or None if no path goes down.
    """
    eye = photo.position
    places = np.array([camera.position for path in paths.values() for camera in path])
    low = places[places[:, 2] < eye[2] - LEVEL]
    if not len(low):
        return None
    reach = float(np.linalg.norm(low[:, :2] - eye[:2], axis=1).max()) + BESIDE
    viewmat = np.diag([1.0, -1.0, -1.0, 1.0])
    viewmat[:3, 3] = -viewmat[:3, :3] @ np.array([*eye[:2], eye[2] + ALOFT * reach])
    focal = ALOFT * min(photo.width, photo.height) / 2.0
    K = np.array([[focal, 0.0, photo.width / 2], [0.0, focal, photo.height / 2], [0.0, 0.0, 1.0]])
    return Camera(photo.width, photo.height, K, viewmat)


def kept_above(
    path: Sequence[Camera], photo: Camera, ground: NDArray[np.floating]
) -> tuple[Camera, ...]:
    """Return ``path``, its way down scaled so that it ends :data:`LEAST` above the ground.

    Args:
        path: The camera of every frame.
        photo: The photo's camera, from whose height a path goes down.
        ground: [..., 3] world positions, Z up, that :func:`view_from_above` shows. What is higher
            than the photo's camera is not below any.

    Returns:
        As many cameras; where nothing has to be scaled, those of ``path`` themselves.
    """
    height = photo.position[2]
    points = ground.reshape(-1, 3).astype(np.float64)
    points = points[points[:, 2] < height]
    share = 1.0
    for camera in path:
        down = height - camera.position[2]
        if down > LEVEL:
            free = height - _highest_below(camera.position, points) - LEAST
            share = min(share, max(free, 0.0) / down)
    if share == 1.0:
        return tuple(path)
    return tuple(_raised(camera, height, share) for camera in path)


def _highest_below(place: Float64Array, points: Float64Array) -> float:
    beside = np.linalg.norm(points[:, :2] - place[:2], axis=1) < BESIDE
    return float(points[beside, 2].max(initial=-np.inf))


def _raised(camera: Camera, height: float, share: float) -> Camera:
    """Return ``camera`` with ``share`` of its way down from ``height``; itself if it went up."""
    down = height - camera.position[2]
    if down <= LEVEL:
        return camera
    shift = np.eye(4)
    shift[2, 3] = -(1.0 - share) * down
    return Camera(camera.width, camera.height, camera.K, camera.viewmat @ shift)
