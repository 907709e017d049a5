"""MoGe-2 (Wang et al., 2025) as ONNX: points up to a shift along z, a scale, and a mask.

The shift follows from the camera, which is known here: the one with which the points fall onto
their pixels. The mask leaves out the sky and whatever else has no depth.
"""

from __future__ import annotations

import math
from typing import Final

import numpy as np
from numpy.typing import NDArray

from livescape.context import Context
from livescape.depth.align import fit_slope
from livescape.depth.networks.images import resize, to_tensor
from livescape.depth.networks.prediction import Prediction
from livescape.networks.onnx_model import OnnxModel
from livescape.networks.registry import MODELS
from livescape.networks.store import model_unreadable

NAME = "moge_2"
PATCH = 14
TOKENS = 1800
"""Patches to which the photograph is resized, within the 1200 to 3600 of the training."""

MASK_SCORE = 0.5
FIT_SIDE: Final = 64
"""Points along the longer side from which the shift is found."""

LEAST_SLANT: Final = 1e-3
"""Slope of a ray below which its point carries no information about the shift."""

EDGE_SHARE: Final = 0.01
LEAST_SHARE: Final = 1e-3
"""All but the nearest hundredth of the points are put before the camera, by at least this share of
their range."""

STEPS: Final = 20

FloatArray = NDArray[np.float64]


def predict(
    context: Context, image: NDArray[np.float32], intrinsics: NDArray[np.float64]
) -> Prediction:
    """Return depth in metres at the network's own size; the sky is what has none.

    Args:
        context: Provides the models and the device.
        image: [H, W, 3] float32 sRGB, 0..1.
        intrinsics: [3, 3] K in pixels of the photograph.

    Raises:
        LivescapeError: The codes of :class:`~livescape.networks.onnx_model.OnnxModel`.
    """
    points, known, scale = point_map(context, image)
    size = known.shape
    if not known.any():
        return Prediction(np.full(size, np.nan, np.float32), "metres", ~known)
    rays = pixel_rays(intrinsics, (image.shape[0], image.shape[1]), size)
    chosen = fit_sample(known)
    shift = depth_shift(points[chosen][known[chosen]], rays[chosen][known[chosen]])
    depth = (points[..., 2] + np.float32(shift)) * np.float32(scale)
    return Prediction(np.where(known, depth, np.nan).astype(np.float32), "metres", ~known)


def point_map(
    context: Context, image: NDArray[np.float32]
) -> tuple[NDArray[np.float32], NDArray[np.bool_], float]:
    """Return points [h, w, 3] up to a shift along z, which are known [h, w], and their scale.

    Raises:
        LivescapeError: The codes of :class:`~livescape.networks.onnx_model.OnnxModel`.
    """
    model = OnnxModel(context, NAME, ["image", "num_tokens"], ["points", "mask", "scale"])
    size = token_size((image.shape[0], image.shape[1]))
    tokens = np.array(size[0] * size[1] // PATCH**2, np.int64)
    pixels = resize(to_tensor(image), size, "bilinear", antialias=True).clamp(0.0, 1.0)
    points, mask, scale = model.run({"image": pixels.numpy(), "num_tokens": tokens})
    points, mask = points.reshape(*size, 3), mask.reshape(size)
    known = (mask > MASK_SCORE) & np.isfinite(points).all(axis=2)
    if scale.size != 1 or not float(scale.ravel()[0]) > 0.0:
        raise model_unreadable(MODELS[NAME], "its scale is not positive")
    return points, known, float(scale.ravel()[0])


def fit_sample(known: NDArray[np.bool_]) -> tuple[slice, slice]:
    """Return a coarse grid of points to fit to, or all of them where it misses the known ones."""
    stride = max(1, max(known.shape) // FIT_SIDE)
    some = (slice(None, None, stride),) * 2
    return some if known[some].any() else (slice(None),) * 2


def token_size(size: tuple[int, int]) -> tuple[int, int]:
    """Return height and width, multiples of a patch, with about :data:`TOKENS` patches."""
    scale = math.sqrt(TOKENS * PATCH**2 / (size[0] * size[1]))
    height, width = (max(1, round(side * scale / PATCH)) * PATCH for side in size)
    return height, width


def pixel_rays(
    intrinsics: NDArray[np.float64], photo: tuple[int, int], size: tuple[int, int]
) -> FloatArray:
    """Return [h, w, 2]: x / z and y / z of every pixel of a grid over the photograph.

    Args:
        intrinsics: [3, 3] K in pixels of the photograph.
        photo: Its height and width.
        size: h and w of the grid.
    """
    rows = (np.arange(size[0]) + 0.5) * photo[0] / size[0]
    columns = (np.arange(size[1]) + 0.5) * photo[1] / size[1]
    x, y = np.meshgrid(
        (columns - intrinsics[0, 2]) / intrinsics[0, 0],
        (rows - intrinsics[1, 2]) / intrinsics[1, 1],
    )
    return np.stack([x, y], axis=-1)


def depth_shift(points: NDArray[np.floating], rays: NDArray[np.floating]) -> float:
    """Return the s that minimises sum | (x, y) / (z + s) - ray |, to first order.

    With the divisors of the step before, the sum is one of absolute values linear in s. The authors
    take squares; a few points at the edge of the mask then spoil all.

    Args:
        points: [N, 3] x, y, z.
        rays: [N, 2] x / z and y / z of the same pixels.
    """
    across, z = points[:, :2].astype(np.float64), points[:, 2:].astype(np.float64)
    nearest, farthest = np.quantile(z, (EDGE_SHARE, 1.0 - EDGE_SHARE))
    least = max(LEAST_SHARE * float(farthest - nearest), 1e-6)
    lowest = least - float(nearest)
    slanted = np.abs(rays) > LEAST_SLANT
    if not slanted.any():
        return max(0.0, lowest)
    lever = np.abs(rays)[slanted]
    off = (np.sign(rays) * (across - z * rays))[slanted]
    of_points = np.broadcast_to(z, rays.shape)[slanted]
    shift = max(fit_slope(lever, off), lowest)
    for _ in range(STEPS):
        depth = np.maximum(of_points + shift, least)
        moved = max(fit_slope(lever / depth, off / depth), lowest)
        if moved == shift:
            break
        shift = moved
    return shift
