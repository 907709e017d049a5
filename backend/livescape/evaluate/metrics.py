"""Image metrics: PSNR and SSIM."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from livescape.engine.ssim import WINDOW, blur, photometric_target, ssim_map

PSNR_MAX = 100.0
"""Reported for images that are equal to within rounding, so that averages stay finite."""

_MASK_FULL = 1.0 - 1e-6


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
    target = photometric_target(torch.from_numpy(reference.astype(np.float64)))
    values = ssim_map(torch.from_numpy(image.astype(np.float64)), target)
    valid = np.ones(image.shape[:2]) if mask is None else mask.astype(np.float64)
    covered = blur(torch.from_numpy(valid).unsqueeze(-1))[..., 0] > _MASK_FULL
    if not bool(covered.any()):
        raise ValueError(f"no {WINDOW} x {WINDOW} window fits in the image and its mask")
    return float(values[covered].mean())


def _check(image: NDArray[Any], reference: NDArray[Any], mask: NDArray[np.bool_] | None) -> None:
    if image.ndim != 3 or image.shape != reference.shape:
        raise ValueError(f"image {image.shape} and reference {reference.shape} must be [H, W, C]")
    if mask is not None and mask.shape != image.shape[:2]:
        raise ValueError(f"mask must be {image.shape[:2]}, got {mask.shape}")
    if mask is not None and not mask.any():
        raise ValueError("mask leaves no pixel")
