"""Which pixels move: a given mask, the artist's polygons, or the clouds and water in the photo."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import ArrayLike, NDArray

from livescape.imaging.morphology import dilate
from livescape.imaging.sampling import resize
from livescape_shared.errors import LivescapeError

Float32Array = NDArray[np.float32]

# Luminance detail of a clear sky (8 bit noise, gradients) and of faint cloud.
_CLEAR_DETAIL = 0.004
_CLOUD_DETAIL = 0.012

# What lies so near to the sky's edge, as a share of the width, may be land that was taken for sky.
_SKY_EDGE = 0.02

# Median absolute deviations beyond which luminance is an outlier: 3.4 standard deviations of noise.
_OUTLIER = 5.0

# Pixels that suffice to fit a gradient.
_FITTED = 20_000

# How far clouds drift into clear sky, and the smallest part worth moving, as shares of width, area.
_CLOUD_REACH = 0.06
_SPECK = 0.003

# Share of one sky that must be cloudy for all of it to move: a clear gap between clouds gains
# nothing by standing still, and what flows around it tears.
_WHOLE_SKY = 2.0 / 3.0


def resolve_mask(
    width: int,
    height: int,
    *,
    given: NDArray[np.floating] | None = None,
    annotation: NDArray[np.floating] | None = None,
    default: NDArray[np.floating] | None = None,
) -> Float32Array:
    """Return the mask [height, width] to use: the given one, else the annotation's, else default.

    An empty mask (a static scene) or a full one is as valid as any other.

    Args:
        width: Width of the result.
        height: Height of the result.
        given: [h, w] in 0..1 of any size with the photo's aspect ratio.
        annotation: [h, w] in 0..1.
        default: [h, w] in 0..1.

    Raises:
        LivescapeError: ``mask_invalid`` on NaN; ``mask_size_mismatch`` on another aspect ratio.
    """
    for mask in (given, annotation, default):
        if mask is None:
            continue
        if mask.ndim != 2:
            raise ValueError(f"a mask is [H, W], not {mask.shape}")
        if not np.isfinite(mask).all():
            message = "The mask has values that are not numbers."
            raise LivescapeError("mask_invalid", message, hint="Save it as a grey PNG.")
        check_aspect(mask.shape, (width, height))
        return np.clip(resize(mask, width, height), 0.0, 1.0)
    return np.zeros((height, width), np.float32)


def check_aspect(shape: tuple[int, ...], photo: tuple[int, int]) -> None:
    """Check that a mask of this shape (height, width) is of a photo of this size (width, height).

    Raises:
        LivescapeError: ``mask_size_mismatch``.
    """
    if not same_aspect((shape[1], shape[0]), photo):
        raise LivescapeError(
            "mask_size_mismatch",
            f"The mask is {shape[1]} x {shape[0]}, the photo {photo[0]} x {photo[1]}.",
            hint="Paint the mask on the photo itself, without cropping.",
        )


def same_aspect(size: tuple[int, int], other: tuple[int, int]) -> bool:
    """Return whether two sizes (width, height) are one image resized, give or take a pixel."""
    slack = 1.0 + max(size[1] / other[1], size[0] / other[0])
    return abs(size[0] - other[0] * size[1] / other[1]) <= slack


def default_mask(
    layout_sky: NDArray[np.floating],
    layout_water: NDArray[np.floating],
    image: NDArray[np.floating],
) -> Float32Array:
    """Return what moves by itself: the sky around its clouds, and all water.

    A clear sky has nothing in it to move; around clouds it is needed for them to drift into.

    Args:
        layout_sky: [H, W] probability of sky.
        layout_water: [H, W] probability of water.
        image: [H, W, 3] in 0..1.

    Returns:
        [H, W] in 0..1, soft at its edges.
    """
    if not layout_sky.shape == layout_water.shape == image.shape[:2]:
        shapes = (layout_sky.shape, layout_water.shape, image.shape)
        raise ValueError(f"sky, water and image differ in size: {shapes}")
    width = image.shape[1]
    cloudy = (cloudiness(image, layout_sky) * layout_sky > 0.4).astype(np.uint8)
    reach = round(_CLOUD_REACH * width)
    clouds = _without_specks(cloudy) > 0
    around = _float32(dilate(clouds, reach))
    around = _float32(cv2.GaussianBlur(around, (0, 0), max(0.25 * _CLOUD_REACH * width, 0.5)))
    around = np.maximum(around, _wholly_cloudy(layout_sky > 0.5, clouds))
    water = _confident(layout_water)
    bodies = cv2.dilate(_without_specks((water > 0.5).astype(np.uint8)), np.ones((9, 9), np.uint8))
    return _float32(np.maximum(_confident(layout_sky) * around, water * bodies))


def _wholly_cloudy(sky: NDArray[np.bool_], clouds: NDArray[np.bool_]) -> Float32Array:
    """Return [H, W]: 1 in each connected part of the sky most of which is cloud."""
    count, labels = cv2.connectedComponents(sky.astype(np.uint8))
    area = np.maximum(np.bincount(labels.ravel(), minlength=count), 1)
    moving = np.bincount(labels[clouds], minlength=count)
    whole = moving > _WHOLE_SKY * area
    whole[0] = False
    return _float32(whole[labels])


def cloudiness(image: NDArray[np.floating], sky: NDArray[np.floating]) -> Float32Array:
    """Return [H, W] in 0..1: how much the neighbourhood of each sky pixel holds cloud.

    Measured as luminance detail between two scales, averaged over the sky only and away from its
    edge, so that the mountain below does not make the clear sky beside it look cloudy. The smooth
    gradient that every clear sky has is taken away first, or its end at the edge would count.
    """
    width = sky.shape[1]
    side = 2 * max(2, round(_SKY_EDGE * width)) + 1
    inside = (sky > 0.5).astype(np.float32)
    weight = _float32(cv2.erode(inside, np.ones((side, side), np.uint8), borderValue=1))
    luma = image @ np.array([0.299, 0.587, 0.114])
    luma = _float32(luma - _gradient(luma, weight))
    weight *= luma > _darkest(luma, weight)
    fine, coarse = 0.004 * width, 0.03 * width
    detail = np.abs(_blur_within(luma, weight, fine) - _blur_within(luma, weight, coarse))
    spread = _blur_within(detail, weight, coarse)
    ramp = np.clip((spread - _CLEAR_DETAIL) / (_CLOUD_DETAIL - _CLEAR_DETAIL), 0.0, 1.0)
    return _float32(ramp * ramp * (3.0 - 2.0 * ramp))


def _darkest(luma: Float32Array, weight: Float32Array) -> float:
    """Return below what residual luminance a pixel is land that was taken for sky.

    Land before the sky is darker than the sky around it. Dark clouds are so too, but then the sky
    is uneven as a whole.
    """
    inside = luma[weight > 0]
    if not inside.size:
        return 0.0
    middle = float(np.median(inside))
    return middle - _OUTLIER * max(float(np.median(np.abs(inside - middle))), _CLEAR_DETAIL)


def _gradient(values: NDArray[np.floating], weight: Float32Array) -> NDArray[np.floating]:
    """Return [H, W]: the quadratic in row and column that fits best where there is weight."""
    chosen = np.flatnonzero(weight)
    if not len(chosen):
        return np.zeros_like(values)
    y, x = (axis / max(axis.max(), 1) - 0.5 for axis in np.indices(values.shape))
    terms = np.stack([np.ones_like(x), x, y, x * x, x * y, y * y], axis=-1)
    some = chosen[:: max(1, len(chosen) // _FITTED)]
    fit = np.linalg.lstsq(terms.reshape(-1, 6)[some], values.reshape(-1)[some], rcond=None)[0]
    return np.asarray(terms @ fit)


def _blur_within(values: Float32Array, weight: Float32Array, sigma: float) -> Float32Array:
    """Gaussian blur over pixels of positive weight only."""
    blurred = cv2.GaussianBlur(values * weight, (0, 0), max(sigma, 0.5))
    total = cv2.GaussianBlur(weight, (0, 0), max(sigma, 0.5))
    return _float32(blurred / np.maximum(total, 1e-3))


def _without_specks(mask: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Drop connected parts of a 0/1 mask that are too small to be worth moving."""
    count, labels, stats, _ = cv2.connectedComponentsWithStats(mask)
    large = stats[:, cv2.CC_STAT_AREA] >= _SPECK * mask.size
    large[0] = False
    return np.asarray(large[labels] if count > 1 else np.zeros_like(mask), dtype=np.uint8)


def _confident(probability: NDArray[np.floating]) -> Float32Array:
    """Stretch a probability so that below 0.3 it is 0 and above 0.7 it is 1."""
    return _float32(np.clip((probability - 0.3) / 0.4, 0.0, 1.0))


def _float32(values: ArrayLike) -> Float32Array:
    return np.asarray(values, dtype=np.float32)
