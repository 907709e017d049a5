"""Gaussians that stay closed where the camera comes near.

The rasteriser widens what it draws by a part of a pixel, and fitting counts on that. Where a frame
shows the scene larger than the photo did, this part is less of the scene: Gaussians that were
closed come apart, into specks of what lies behind them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from livescape.cameras.path_views import evenly
from livescape.cameras.projection import axes_in_pixels, project_points
from livescape_shared.camera import Camera
from livescape_shared.gaussians import Gaussians, rotation_matrices
from livescape_shared.rendering import DILATION, NEAR

FRAMES = 12
"""Frames of the path, at most, that are looked at."""

SHARE = 0.5
"""Share of what is lost to the frame that shows a Gaussian largest that it is given for good. The
photo's own view has the whole of it already, and is too wide by that: the difference is halved."""

FLOWING = 3.0
"""Most that the variance of what flows grows by, in units of itself or of what is lost; of what
stands, once: it comes near, but its neighbours stay."""


@dataclass(frozen=True)
class Flow:
    """How M of N Gaussians flow in a shot.

    Attributes:
        moves: [N] which do.
        places: [S, M, 3] world metres at S moments.
        along: [M, 3] directions in which they set out, of unit length, or 0 if they stay.
        stretch: [M] how many times as far apart they come along those as they began, at most.
    """

    moves: NDArray[np.bool_]
    places: NDArray[np.float32]
    along: NDArray[np.float64]
    stretch: NDArray[np.float64]


def widened_for(
    gaussians: Gaussians,
    reference: Camera,
    path: Sequence[Camera],
    flow: Flow | None = None,
    proceed: Callable[[], None] = lambda: None,
) -> Gaussians:
    """Return Gaussians that are wider where the path comes nearer to them than the photo was.

    Along each axis it depends on how many pixels a metre of it is: on a floor that is seen at a
    grazing angle, more changes in depth than across. What flows may come before the camera from
    beyond the frame, and come apart by getting faster.

    Args:
        gaussians: N fitted Gaussians.
        reference: The photo camera.
        path: Every camera of the shot.
        flow: Of those that flow in a shot.
        proceed: Called before each frame that is looked at; may raise to stop.
    """
    if not len(gaussians) or not path:
        return gaussians
    axes = rotation_matrices(gaussians.quats).astype(np.float64)
    first, _ = _pixels_per_metre(gaussians.means, axes, reference)
    watched = [path[number] for number in evenly(len(path), min(len(path), FRAMES))]
    most = _most_pixels(gaussians.means, axes, watched, first, proceed)
    own = gaussians.scales.astype(np.float64) ** 2
    apart, bound = np.ones_like(own), np.ones((len(own), 1))
    if flow is not None:
        turned = axes[flow.moves]
        for places in flow.places:
            own_most = most[flow.moves]
            most[flow.moves] = _most_pixels(places, turned, watched, own_most, proceed)
        aligned = np.einsum("mi,mia->ma", flow.along, turned) ** 2
        # Small gaps are closed by the part of a pixel that all is widened by, unless it is near.
        nearer = (1.0 - (first[flow.moves] / most[flow.moves]) ** 2) ** 2
        apart[flow.moves] += (flow.stretch[:, None] - 1.0) * aligned * nearer
        bound[flow.moves] = FLOWING
    with np.errstate(divide="ignore", invalid="ignore"):
        needed = apart**2 * (own + DILATION / first**2) - DILATION / most**2
    # An axis along the line of sight is any number of metres a pixel.
    across = SHARE * DILATION / first.max(axis=1, keepdims=True) ** 2
    added = np.where(most > first, SHARE * (needed - own), 0.0)
    wider = own + np.clip(added, 0.0, bound * np.maximum(own, across))
    # Across the surface nothing opens: the thin axis stays as it is.
    thin = gaussians.scales == gaussians.scales.min(axis=1, keepdims=True)
    scales = np.where(thin, gaussians.scales, np.sqrt(wider)).astype(np.float32)
    return replace(gaussians, scales=scales)


def _most_pixels(
    means: NDArray[np.float32],
    axes: NDArray[np.float64],
    views: Sequence[Camera],
    least: NDArray[np.float64],
    proceed: Callable[[], None],
) -> NDArray[np.float64]:
    """Return [N, 3] the most pixels a metre in any view that shows them, or ``least`` [N, 3]."""
    most = least
    for view in views:
        proceed()
        found, inside = _pixels_per_metre(means, axes, view)
        most = np.where(inside[:, None], np.maximum(most, found), most)
    return most


def _pixels_per_metre(
    means: NDArray[np.float32], axes: NDArray[np.float64], camera: Camera
) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Return how many pixels a metre along each axis is [N, 3], and who is in frame [N]."""
    right, down = np.moveaxis(axes_in_pixels(means, axes, camera, NEAR), 1, 0)
    pixels, depth = project_points(means, camera)
    inside = (depth > NEAR) & np.all(
        (pixels >= 0) & (pixels <= (camera.width, camera.height)), axis=1
    )
    return np.hypot(right, down), inside
