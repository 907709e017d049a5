"""The camera paths of the paper's evaluation, at any multiple of their travel.

Offsets are those of 3D-Cinemagraphy (xingyi-li/3d-cinemagraphy, ``lib/utils/render_utils.py``),
whose unit is the distance of what is nearest in the photo: its depth is scaled so that this is 1.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from livescape_shared.camera import Camera

PATHS = ("forward", "sideways", "up", "arc", "turn", "still")
MOVING_PATHS = PATHS[:4]
"""The four of the paper; ``turn`` only turns the head, ``still`` stays with the photo."""

TURN_DEGREES = 12.0
"""Half of what ``turn`` covers at a travel of 1."""


def path_cameras(
    kind: str, reference: Camera, near: float, travel: float, frames: int
) -> tuple[Camera, ...]:
    """Return the camera of every frame.

    Args:
        kind: A name in :data:`PATHS`.
        reference: The photo's camera.
        near: Metres of what is nearest in the photo.
        travel: Factor on the published offsets.
        frames: Length of the shot.

    Raises:
        ValueError: If there is no such path.
    """
    if kind not in PATHS:
        raise ValueError(f"path must be one of {PATHS}, not {kind!r}")
    cameras = []
    for s in np.linspace(0.0, 1.0, frames):
        pose = np.eye(4)
        pose[:3, 3] = near * travel * _offset(kind, float(s))
        if kind == "turn":
            pose[:3, :3] = _turned(np.radians(TURN_DEGREES * travel * (2 * s - 1)))
        size = reference.width, reference.height
        cameras.append(Camera(*size, reference.K, pose @ reference.viewmat))
    return tuple(cameras)


def _offset(kind: str, s: float) -> NDArray[np.float64]:
    """Return the translation [3] of world to camera, in units of the nearest distance."""
    swing = 2.0 * s - 1.0
    around = np.pi * (4.0 * s - 2.0)
    offsets = {
        "forward": (0.0, 0.0, -0.24 * s),
        "sideways": (-0.09 * swing, 0.0, 0.0),
        "up": (0.0, -0.08 * swing, 0.0),
        "arc": (-0.04 * np.cos(around), -0.04 * np.sin(around), -0.09 * np.cos(around / 2)),
    }
    return np.array(offsets.get(kind, (0.0, 0.0, 0.0)))


def _turned(angle: float) -> NDArray[np.float64]:
    c, s = np.cos(angle), np.sin(angle)
    return np.array([[c, 0.0, -s], [0.0, 1.0, 0.0], [s, 0.0, c]])
