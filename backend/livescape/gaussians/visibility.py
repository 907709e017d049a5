"""Which Gaussians any of several cameras has in frame."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from livescape.cameras.projection import in_camera, mapped
from livescape_shared.camera import Camera
from livescape_shared.gaussians import Gaussians

REACH = 3.5
"""Standard deviations within which a Gaussian counts as present."""

BLUR = 3.0
"""Pixels around the frame: however small, a Gaussian is drawn about this wide."""


def in_frame(gaussians: Gaussians, cameras: Sequence[Camera]) -> NDArray[np.bool_]:
    """Return [N] whether some part of each Gaussian is in front of a camera and in its frame.

    Whether something else hides it does not matter.
    """
    seen = np.zeros(len(gaussians), dtype=bool)
    reach = REACH * gaussians.scales.max(axis=1, initial=0.0)
    for camera in cameras:
        rest = np.flatnonzero(~seen)
        seen[rest] = _in_one(gaussians.means[rest], reach[rest], camera)
    return seen


def _in_one(
    means: NDArray[np.float32], reach: NDArray[np.float32], camera: Camera
) -> NDArray[np.bool_]:
    """Compare each mean with the frame's four planes, pushed out by the Gaussian's reach."""
    local = in_camera(means, camera.viewmat)
    corners = np.array([[-BLUR, -BLUR, 1], [camera.width + BLUR, camera.height + BLUR, 1]])
    (left, top), (right, bottom) = (corners @ np.linalg.inv(camera.K).T)[:, :2]
    planes = np.array([[1, 0, -left], [-1, 0, right], [0, 1, -top], [0, -1, bottom]])
    planes /= np.linalg.norm(planes, axis=1, keepdims=True)
    inside = (mapped(local, planes.T) + reach[:, None] >= 0.0).all(axis=1)
    return np.asarray(inside & (local[:, 2] + reach > 0.0))
