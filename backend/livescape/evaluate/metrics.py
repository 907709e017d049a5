"""Image metrics: PSNR and SSIM."""

from __future__ import annotations

import math
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from livescape.engine.ssim.reference import SIGMA, WINDOW

PSNR_MAX = 100.0
"""Reported for images that are equal to within rounding, so that averages stay finite."""

_C1, _C2 = 0.01**2, 0.03**2
_TAPS = np.exp(-0.5 * ((np.arange(WINDOW) - WINDOW // 2) / SIGMA) ** 2)
_TAPS /= _TAPS.sum()


def psnr(
    image: NDArray[Any], reference: NDArray[Any], mask: NDArray[np.bool_] | None = None
) -> float:
    """Peak signal-to-noise ratio in dB of images with values in 0..1.

    Args:
        image: [H, W, C].
        reference: Same shape.
        mask: [H, W] pixels that count; all if None.

    Raises:
        ValueError: If shapes differ or no pixel counts.
    """
    _check(image, reference, mask)
    squared = (image.astype(np.float64) - reference.astype(np.float64)) ** 2
    error = float(squared.mean() if mask is None else squared[mask].mean())
    return PSNR_MAX if error <= 10.0 ** (-PSNR_MAX / 10.0) else -10.0 * math.log10(error)


def ssim(
    image: NDArray[Any], reference: NDArray[Any], mask: NDArray[np.bool_] | None = None
) -> float:
    """Mean structural similarity over the 11 x 11 windows that lie wholly in image and mask.

    Wang et al. 2004; Gaussian window of sigma 1.5, averaged over channels.

    Args:
        image: [H, W, C] in 0..1.
        reference: Same shape.
        mask: [H, W] pixels that count; all if None.

    Raises:
        ValueError: If shapes differ or no window fits.
    """
    _check(image, reference, mask)
    valid = np.ones(image.shape[:2], bool) if mask is None else mask
    return windows_mean(ssim_map(image, reference), valid)


def ssim_map(image: NDArray[Any], reference: NDArray[Any]) -> NDArray[np.float64]:
    """Return the structural similarity [H, W, C] of the window round every pixel.

    The same as :func:`livescape.engine.ssim.ssim_map` in windows that lie in the image, without a
    gradient and faster.
    """
    x, y = image.astype(np.float64), reference.astype(np.float64)
    mean_x, mean_y = _blurred(x), _blurred(y)
    both = mean_x**2 + mean_y**2
    variances = _blurred(x * x + y * y) - both
    covariance = _blurred(x * y) - mean_x * mean_y
    luminance = (2 * mean_x * mean_y + _C1) / (both + _C1)
    return np.asarray(luminance * (2 * covariance + _C2) / (variances + _C2))


def windows_mean(values: NDArray[np.floating], mask: NDArray[np.bool_]) -> float:
    """Return the mean of ``values`` [H, W, C] over windows that lie wholly in image and mask.

    Raises:
        ValueError: If no window fits.
    """
    inside = np.pad(mask, WINDOW // 2).astype(np.uint8)
    whole = cv2.erode(inside, np.ones((WINDOW, WINDOW), np.uint8)) > 0
    covered = whole[WINDOW // 2 : -(WINDOW // 2), WINDOW // 2 : -(WINDOW // 2)]
    if not covered.any():
        raise ValueError(f"no {WINDOW} x {WINDOW} window fits in the image and its mask")
    return float(values[covered].mean())


def _blurred(image: NDArray[np.float64]) -> NDArray[np.float64]:
    blurred = cv2.sepFilter2D(image, -1, _TAPS, _TAPS, borderType=cv2.BORDER_CONSTANT)
    return np.asarray(blurred, dtype=np.float64).reshape(image.shape)


def _check(image: NDArray[Any], reference: NDArray[Any], mask: NDArray[np.bool_] | None) -> None:
    if image.ndim != 3 or image.shape != reference.shape:
        raise ValueError(f"image {image.shape} and reference {reference.shape} must be [H, W, C]")
    if mask is not None and mask.shape != image.shape[:2]:
        raise ValueError(f"mask must be {image.shape[:2]}, got {mask.shape}")
    if mask is not None and not mask.any():
        raise ValueError("mask leaves no pixel")
