"""Gaussians that stay closed where the camera comes near.

The rasteriser widens what it draws by a part of a pixel, and fitting counts on that. Where a frame
shows the scene larger than the photo did, this part is less of the scene: Gaussians that were
closed come apart, into specks of what lies behind them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from livescape.cameras.path_views import evenly
from livescape_shared.camera import Camera
from livescape_shared.gaussians import Gaussians, rotation_matrices
from livescape_shared.rendering import DILATION, NEAR

FRAMES = 12
"""Frames of the path, at most, that are looked at."""

SHARE = 0.5
"""Share of what is lost to the frame that shows a Gaussian largest that it is given for good. The
photo's own view has the whole of it already, and is too wide by that: the difference is halved."""


def widened_for(gaussians: Gaussians, reference: Camera, path: Sequence[Camera]) -> Gaussians:
    """Return Gaussians that are wider where the path comes nearer to them than the photo was.

    Along each axis it depends on how many pixels a metre of it is: on a floor that is seen at a
    grazing angle, more changes in depth than across.

    Args:
        gaussians: N fitted Gaussians.
        reference: The photo camera.
        path: Every camera of the shot.
    """
    if not len(gaussians) or not path:
        return gaussians
    axes = rotation_matrices(gaussians.quats).astype(np.float64)
    first, _ = _pixels_per_metre(gaussians.means, axes, reference)
    most = first.copy()
    for number in evenly(len(path), min(len(path), FRAMES)):
        view = path[number]
        found, inside = _pixels_per_metre(gaussians.means, axes, view)
        most = np.where(inside[:, None], np.maximum(most, found), most)
    with np.errstate(divide="ignore", invalid="ignore"):
        lost = DILATION * (1.0 / first**2 - 1.0 / most**2)
    added = SHARE * np.where(most > first, lost, 0.0)
    # An axis along the line of sight is any number of metres a pixel.
    own = gaussians.scales.astype(np.float64) ** 2
    across = SHARE * DILATION / first.max(axis=1, keepdims=True) ** 2
    wider = own + np.minimum(added, np.maximum(own, across))
    # Across the surface nothing opens: the thin axis stays as it is.
    thin = gaussians.scales == gaussians.scales.min(axis=1, keepdims=True)
    scales = np.where(thin, gaussians.scales, np.sqrt(wider)).astype(np.float32)
    return replace(gaussians, scales=scales)


def _pixels_per_metre(
    means: NDArray[np.float32], axes: NDArray[np.float64], camera: Camera
) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Return how many pixels a metre along each axis is [N, 3], and who is in frame [N]."""
    turn = camera.viewmat[:3, :3]
    x, y, z = (means @ turn.T + camera.viewmat[:3, 3]).T
    deep = np.maximum(z, NEAR)
    local = turn @ axes
    u = camera.K[0, 0] * (local[:, 0] - (x / deep)[:, None] * local[:, 2])
    v = camera.K[1, 1] * (local[:, 1] - (y / deep)[:, None] * local[:, 2])
    across = camera.K[0, 0] * x / deep + camera.K[0, 2]
    down = camera.K[1, 1] * y / deep + camera.K[1, 2]
    inside = (z > NEAR) & (across >= 0) & (across <= camera.width)
    inside &= (down >= 0) & (down <= camera.height)
    return np.hypot(u, v) / deep[:, None], inside
