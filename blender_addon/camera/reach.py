"""How far a camera may go, and how much a path must shrink, until too much is not in the photo."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from livescape_shared.camera import Camera

from .unseen import Unseen

STEPS = 7
"""Halvings of an interval: one per cent of it is left."""

MOST_LOOKED_AT = 12
"""Frames, those of which most is missing, that decide how much a path must shrink."""

DIRECTIONS = np.array(
    [[1, 0, 0], [-1, 0, 0], [0, 1, 0], [0, -1, 0], [0, 0, 1], [0, 0, -1]], dtype=np.float64
)
"""Right, left, down, up, forward and back, in the photo's camera."""


def safe_distances(
    unseen: Unseen, reference: Camera, limit: float, farthest: float
) -> NDArray[np.float64]:
    """Return how far [6] the camera may go straight in each of :data:`DIRECTIONS`, in metres.

    Args:
        unseen: Measures pictures.
        reference: The photo's camera.
        limit: Percent of a picture that the photo need not show.
        farthest: Metres beyond which nothing is tried.
    """

    def goes(direction: NDArray[np.float64]) -> Callable[[float], bool]:
        way = direction * farthest
        return lambda part: unseen.total(_moved(reference, way * part)) <= limit

    return np.array([farthest * _largest(goes(direction)) for direction in DIRECTIONS])


def largest_factor(
    unseen: Unseen, reference: Camera, cameras: Sequence[Camera], limit: float
) -> float:
    """Return how much of a path stays within a limit, 1 if all of it does.

    Args:
        unseen: Measures pictures.
        reference: The photo's camera, about which the path shrinks.
        cameras: Of the path.
        limit: Percent of a picture that the photo need not show.
    """
    totals = [unseen.total(camera) for camera in cameras]
    if max(totals) <= limit:
        return 1.0
    worst = [cameras[index] for index in np.argsort(totals)[::-1][:MOST_LOOKED_AT]]

    def fits(part: float) -> bool:
        return all(unseen.total(between(reference, camera, part)) <= limit for camera in worst)

    return _largest(fits)


def between(reference: Camera, camera: Camera, part: float) -> Camera:
    """Return the camera that is ``part`` of the way from the reference to another."""
    here, there = reference.camera_to_world, camera.camera_to_world
    pose = np.eye(4)
    pose[:3, 3] = here[:3, 3] + part * (there[:3, 3] - here[:3, 3])
    pose[:3, :3] = here[:3, :3] @ _part_of_turn(here[:3, :3].T @ there[:3, :3], part)
    same = reference.resized(camera.width, camera.height)
    K = same.K + part * (camera.K - same.K)
    viewmat = np.asarray(np.linalg.inv(pose), dtype=np.float64)
    return Camera(camera.width, camera.height, np.asarray(K, dtype=np.float64), viewmat)


def _largest(fits: Callable[[float], bool]) -> float:
    """Return the largest part, 0 to 1, that fits; what is less fits too."""
    if fits(1.0):
        return 1.0
    low, high = 0.0, 1.0
    for _ in range(STEPS):
        middle = (low + high) / 2
        low, high = (middle, high) if fits(middle) else (low, middle)
    return low


def _moved(camera: Camera, offset: NDArray[np.float64]) -> Camera:
    viewmat = camera.viewmat.copy()
    viewmat[:3, 3] -= offset
    return Camera(camera.width, camera.height, camera.K, viewmat)


def _part_of_turn(turn: NDArray[np.float64], part: float) -> NDArray[np.float64]:
    """Return a rotation about the same axis by ``part`` of the angle (Rodrigues)."""
    cosine = np.clip((np.trace(turn) - 1.0) / 2.0, -1.0, 1.0)
    angle = float(np.arccos(cosine))
    if angle < 1e-9:
        return np.eye(3)
    if np.pi - angle < 1e-6:
        return np.eye(3) if part < 0.5 else turn
    skew = (turn - turn.T) / (2.0 * np.sin(angle))
    return np.asarray(
        np.eye(3) + np.sin(part * angle) * skew + (1.0 - np.cos(part * angle)) * skew @ skew
    )
