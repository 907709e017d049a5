"""Resizing and repairing depth maps without inventing surfaces between near and far."""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

EDGE_RATIO: Final = 1.1
"""Ratio of farthest to nearest neighbour above which a pixel lies at an occlusion edge."""


def resample_depth(depth: NDArray[np.float32], size: tuple[int, int]) -> NDArray[np.float32]:
    """Resize a map [h, w], smoothly on surfaces and by the nearest pixel at edges.

    Args:
        depth: Values; infinite (sky) is allowed and never mixed with anything.
        size: Wanted height and width.

    Returns:
        [H, W] float32, a new array.
    """
    if depth.shape == size:
        return depth.copy()
    target = (size[1], size[0])
    nearest = cv2.resize(depth, target, interpolation=cv2.INTER_NEAREST_EXACT)
    kernel = np.ones((3, 3), np.uint8)
    low, high = cv2.erode(depth, kernel), cv2.dilate(depth, kernel)
    edge = high / EDGE_RATIO > low
    at_edge = cv2.resize(edge.astype(np.uint8), target, interpolation=cv2.INTER_NEAREST_EXACT) > 0
    finite = np.where(np.isfinite(depth), depth, 0.0).astype(np.float32)
    shrinking = size[0] < depth.shape[0]
    method = cv2.INTER_AREA if shrinking else cv2.INTER_LINEAR
    smooth = cv2.resize(finite, target, interpolation=method)
    return np.where(at_edge | ~np.isfinite(nearest), nearest, smooth).astype(np.float32)


def fill_unknown(values: NDArray[np.float32], unknown: NDArray[np.bool_]) -> NDArray[np.float32]:
    """Give every unknown pixel the value of the nearest known one.

    Args:
        values: [H, W]; what stands at unknown pixels is ignored.
        unknown: [H, W] bool, not all true.

    Raises:
        ValueError: If nothing is known.
    """
    if unknown.all():
        raise ValueError("unknown covers all of values")
    if not unknown.any():
        return values
    _, labels = cv2.distanceTransformWithLabels(
        unknown.astype(np.uint8), cv2.DIST_L2, 5, labelType=cv2.DIST_LABEL_PIXEL
    )
    lookup = np.zeros(int(labels.max()) + 1, np.float32)
    lookup[labels[~unknown]] = values[~unknown]
    return np.where(unknown, lookup[labels], values).astype(np.float32)
