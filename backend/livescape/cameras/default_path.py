"""A camera path for a photo without one: a short move forward and to the right."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from livescape_shared.camera import Camera, CameraPath

EYE_HEIGHT = 1.7
TRAVEL = (0.36, 0.48, 0.05)
"""Right, forward and up in metres."""

LOOKING_ALONG_Y = np.array([[1.0, 0.0, 0.0], [0.0, 0.0, -1.0], [0.0, 1.0, 0.0]])
"""World-to-camera rotation of a level camera that looks along +Y."""


def default_path(
    intrinsics: NDArray[np.float64], width: int, height: int, frames: int, fps: float = 24.0
) -> CameraPath:
    """Return a path of ``frames`` frames that starts at the reference camera."""

    def camera(part: float) -> Camera:
        position = np.array([0.0, 0.0, EYE_HEIGHT]) + part * np.array(TRAVEL)
        viewmat = np.eye(4)
        viewmat[:3, :3] = LOOKING_ALONG_Y
        viewmat[:3, 3] = -LOOKING_ALONG_Y @ position
        return Camera(width, height, intrinsics, viewmat)

    parts = np.linspace(0.0, 1.0, frames)
    cameras = tuple(camera(float(part)) for part in parts)
    return CameraPath(camera(0.0), cameras, tuple(range(1, frames + 1)), fps)
