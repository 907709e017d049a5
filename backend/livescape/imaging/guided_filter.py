"""Guided filter: smooth a map so that its edges follow an image's edges.

He, Sun and Tang, "Guided Image Filtering" (PAMI 2013), colour guide, equations 14 to 16; the
coefficients are found on a reduced guide and applied to the full one as in He and Sun, "Fast
Guided Filter" (2015). The maps are filtered together, so several classes stay consistent.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float32]


def guided_filter(guide: FloatArray, maps: FloatArray, radius: int, eps: float) -> FloatArray:
    """Filter ``maps`` with ``guide`` at its own resolution.

    Args:
        guide: [H, W, 3] float32.
        maps: [C, H, W] float32.
        radius: Half the window in pixels; windows are (2 radius + 1) wide and clipped at edges.
        eps: Regulariser in squared guide units; larger smooths more.

    Returns:
        [C, H, W] float32.
    """
    slope, offset = guided_coefficients(guide, maps, radius, eps)
    return apply_coefficients(guide, slope, offset)


def guided_coefficients(
    guide: FloatArray, maps: FloatArray, radius: int, eps: float
) -> tuple[FloatArray, FloatArray]:
    """Return the averaged linear model of each map in the guide.

    Returns:
        Slopes [C, H, W, 3] and offsets [C, H, W], such that a filtered map is
        ``sum(slope * guide, axis=-1) + offset``.

    Raises:
        ValueError: If the shapes of ``guide`` and ``maps`` do not agree.
    """
    if guide.ndim != 3 or guide.shape[2] != 3 or guide.shape[:2] != maps.shape[1:]:
        raise ValueError(f"guide {guide.shape} and maps {maps.shape} disagree in size")
    mean_guide = box_mean(guide, radius)
    inverse = _inverse_covariance(guide, mean_guide, radius, eps)
    slopes, offsets = [], []
    for plane in maps:
        mean_plane = box_mean(plane, radius)
        cross = box_mean(guide * plane[..., None], radius) - mean_guide * mean_plane[..., None]
        slope = np.einsum("hwij,hwj->hwi", inverse, cross)
        offset = mean_plane - np.einsum("hwc,hwc->hw", slope, mean_guide)
        slopes.append(box_mean(slope, radius))
        offsets.append(box_mean(offset, radius))
    return np.stack(slopes), np.stack(offsets)


def apply_coefficients(guide: FloatArray, slope: FloatArray, offset: FloatArray) -> FloatArray:
    """Evaluate the linear model on a guide of any size: [C, H, W] float32.

    Coefficients of another size are resized bilinearly, which is what makes the filter cheap on
    large photographs.
    """
    height, width = guide.shape[:2]
    planes = []
    for plane_slope, plane_offset in zip(slope, offset, strict=True):
        if plane_offset.shape != (height, width):
            plane_slope = cv2.resize(plane_slope, (width, height))
            plane_offset = cv2.resize(plane_offset, (width, height))
        planes.append(np.einsum("hwc,hwc->hw", plane_slope, guide) + plane_offset)
    return np.stack(planes).astype(np.float32)


def box_mean(values: FloatArray, radius: int) -> FloatArray:
    """Mean over (2 radius + 1)^2 windows clipped at the image edges, [H, W] or [H, W, C]."""
    total = _box_sum(values, radius)
    count = _box_sum(np.ones(values.shape[:2], np.float32), radius)
    return np.asarray(total / (count if values.ndim == 2 else count[..., None]), dtype=np.float32)


def _box_sum(values: FloatArray, radius: int) -> FloatArray:
    window = (2 * radius + 1, 2 * radius + 1)
    total = cv2.boxFilter(
        values, cv2.CV_32F, window, normalize=False, borderType=cv2.BORDER_CONSTANT
    )
    return np.asarray(total, dtype=np.float32)


def _inverse_covariance(
    guide: FloatArray, mean_guide: FloatArray, radius: int, eps: float
) -> FloatArray:
    """Return [H, W, 3, 3] inverses of each window's colour covariance plus eps."""
    covariance = np.empty((*guide.shape[:2], 3, 3), np.float32)
    for i in range(3):
        for j in range(i, 3):
            second = box_mean(guide[..., i] * guide[..., j], radius)
            covariance[..., i, j] = second - mean_guide[..., i] * mean_guide[..., j]
            covariance[..., j, i] = covariance[..., i, j]
    # In closed form: numpy inverts many small matrices ten times slower.
    covariance += eps * np.eye(3, dtype=np.float32)
    a, b, c = covariance[..., 0, 0], covariance[..., 0, 1], covariance[..., 0, 2]
    d, e, f = covariance[..., 1, 1], covariance[..., 1, 2], covariance[..., 2, 2]
    adjugate = np.stack(
        [d * f - e * e, c * e - b * f, b * e - c * d, a * f - c * c, b * c - a * e, a * d - b * b],
        axis=-1,
    )
    determinant = a * adjugate[..., 0] + b * adjugate[..., 1] + c * adjugate[..., 2]
    adjugate /= determinant[..., None]
    return np.ascontiguousarray(
        adjugate[..., [0, 1, 2, 1, 3, 4, 2, 4, 5]].reshape(*guide.shape[:2], 3, 3)
    )
