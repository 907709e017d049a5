"""The focal length that a depth network estimates, for photos that do not state one."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from livescape.context import Context
from livescape.depth.networks import depth_pro, moge_2

SHORTEST, LONGEST = 0.25, 8.0
"""Focal lengths in long sides of the photograph: 127 to 7 degrees."""

LEAST_RELIEF = 1.02
"""Ratio of far to near below which a scene is too flat to determine a focal length."""

_CANDIDATES, _ZOOMS = 17, 4


def own_focal(context: Context, estimator: str, image: NDArray[np.float32]) -> float:
    """Return the focal length by ``estimator`` in long sides of the photograph; 0 if it has none.

    Args:
        context: Provides the models and the device.
        estimator: Name of a depth estimator.
        image: [H, W, 3] float32 sRGB, 0..1.

    Raises:
        LivescapeError: The codes of the network.
    """
    method = _METHODS.get(estimator)
    focal = method(context, image) if method is not None else 0.0
    return focal if SHORTEST <= focal <= LONGEST else 0.0


def _by_depth_pro(context: Context, image: NDArray[np.float32]) -> float:
    height, width = int(image.shape[0]), int(image.shape[1])
    return depth_pro.own_focal(context, image) * width / max(height, width)


def _by_moge(context: Context, image: NDArray[np.float32]) -> float:
    points, known, _ = moge_2.point_map(context, image)
    chosen = moge_2.fit_sample(known)
    if not known[chosen].any():
        return 0.0
    photo = (image.shape[0], image.shape[1])
    long_side = float(max(photo))
    camera = np.array([[long_side, 0, photo[1] / 2], [0, long_side, photo[0] / 2], [0, 0, 1]])
    offsets = moge_2.pixel_rays(camera, photo, known.shape)
    return fitted_focal(points[chosen][known[chosen]], offsets[chosen][known[chosen]])


def fitted_focal(points: NDArray[np.floating], offsets: NDArray[np.floating]) -> float:
    """Return the focal length with which points fall onto their pixels, for their best shift.

    Args:
        points: [N, 3] up to a shift along z.
        offsets: [N, 2] pixels from the image's middle, in units that the result is in.

    Returns:
        The focal length, or 0 if the points are too flat to determine it.
    """
    low, high = np.log(SHORTEST), np.log(LONGEST)
    best, ratio = 0.0, 0.0
    for _ in range(_ZOOMS):
        candidates = np.exp(np.linspace(low, high, _CANDIDATES))
        found = [_misfit(points, offsets, float(focal)) for focal in candidates]
        chosen = int(np.argmin([missed for missed, _ in found]))
        best, ratio = float(candidates[chosen]), found[chosen][1]
        step = (high - low) / (_CANDIDATES - 1)
        low, high = np.log(best) - step, np.log(best) + step
    return best if ratio > LEAST_RELIEF else 0.0


def _misfit(
    points: NDArray[np.floating], offsets: NDArray[np.floating], focal: float
) -> tuple[float, float]:
    """Return how far the points miss their pixels, and the ratio of far to near."""
    shift = moge_2.depth_shift(points, offsets / focal)
    depth = points[:, 2:] + shift
    near, far = np.quantile(depth, (0.05, 0.95))
    seen = np.maximum(depth, 1e-6)
    missed = np.abs(focal * points[:, :2] / seen - offsets)
    return float(missed.mean()), float(far / max(near, 1e-6))


_METHODS: dict[str, Callable[[Context, NDArray[np.float32]], float]] = {
    depth_pro.NAME: _by_depth_pro,
    moge_2.NAME: _by_moge,
}
