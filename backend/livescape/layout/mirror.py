"""Still water: where it mirrors what stands above it, the picture of the water does not drift.

A mirror image stays below what it shows, however the water runs; only its ripples travel. Moved as
a texture, it would slide out from under its object. It is told by likeness: turned upside down at
the water's upper edge, what stands there is what the water shows.
"""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np
from numpy.typing import ArrayLike, NDArray

from livescape.layout.types import SKY, WATER

FINE: Final = 0.008
"""Sigma in long sides of what ripples blur away, sideways; they blur more up and down."""

WINDOW: Final = 0.06
"""Side in long sides of the windows that are compared."""

EDGE: Final = 0.05
"""Reach in long sides over which the water's upper edge is smoothed: boats hide it in places."""

SHIFTS: Final = (-0.02, -0.01, 0.0, 0.01, 0.02)
"""Errors of the water's edge, in long sides, of which the likeliest is taken: the foot of what
stands may hide behind a bank."""

LIKENESS: Final = (0.25, 0.6)
"""Correlation, mean of the windows around, below which water surely is no mirror and above which it
surely is one. That of waves is 0 in the mean, but there are few windows."""

AROUND: Final = 0.05
"""Sigma in long sides of that mean."""

WHOLE: Final = 0.6
"""Share of a body of water that is a mirror from which on it is still as a whole. Of others, the
parts that are like what stands above them are less surely mirrors the smaller they are: dark water
below dark trees has waves too."""

STRUCTURED: Final = 0.02
"""Least standard deviation of a window's luminance, of 1: plain windows tell nothing."""

Planes = NDArray[np.float32]
Mask = NDArray[np.bool_]


def mirror_image(image: Planes, labels: NDArray[np.uint8]) -> Planes:
    """Return [H, W] in 0..1: how surely water shows the mirror image of what stands above it.

    Args:
        image: [H, W, 3] float32 sRGB.
        labels: [H, W] class indices.
    """
    height, width = labels.shape
    side = max(labels.shape)
    edge = water_edge(labels)
    known = edge >= 0
    if not known.any():
        return np.zeros((height, width), np.float32)
    grey = np.asarray(image @ np.array([0.299, 0.587, 0.114], np.float32), np.float32)
    tall = 2.0 * FINE * side
    smooth = _float32(cv2.GaussianBlur(grey, (0, 0), sigmaX=FINE * side, sigmaY=tall))
    rows = np.arange(height, dtype=np.float32)[:, None]
    columns = np.broadcast_to(np.arange(width, dtype=np.float32)[None], labels.shape)
    # Not the edge itself, which is blurred on both of its sides.
    below = known[None] & (rows >= edge[None] + 3.0 * tall) & (labels == WATER)
    best, most = np.zeros((height, width), np.float32), 0.0
    for shift in SHIFTS:
        above = 2.0 * (edge[None] + np.float32(shift * side)) - rows - 1.0
        turned = _float32(cv2.remap(smooth, columns, above, cv2.INTER_LINEAR))
        shown = below & (above >= 0.0)
        likeness = _likeness(smooth, turned, shown, side)
        if float(likeness.sum()) > most:
            best, most = likeness, float(likeness.sum())
    low, high = LIKENESS
    sure = np.clip((best - low) / (high - low), 0.0, 1.0)
    share, bodies = mirrored_share(_float32(sure), labels)
    return _float32(sure * np.clip(share / WHOLE, 0.0, 1.0)[bodies])


def mirrored_share(
    mirror: Planes, labels: NDArray[np.uint8]
) -> tuple[NDArray[np.float64], NDArray[np.int32]]:
    """Return the mean of ``mirror`` [H, W] over each body of water [K], and their indices [H, W].

    Index 0 is what is no water; its share is 0.
    """
    count, bodies = cv2.connectedComponents((labels == WATER).astype(np.uint8))
    area = np.maximum(np.bincount(bodies.ravel(), minlength=count), 1)
    share = np.bincount(bodies.ravel(), weights=mirror.ravel(), minlength=count) / area
    share[0] = 0.0
    return share, np.asarray(bodies, dtype=np.int32)


def water_edge(labels: NDArray[np.uint8]) -> Planes:
    """Return for every column [W] the row at which water begins below what stands; -1 where none.

    Where sky meets the water nothing is mirrored that could be told from it.
    """
    width = labels.shape[1]
    water = labels == WATER
    first = water.argmax(axis=0)
    columns = np.arange(width)
    stands = (labels != SKY) & ~water
    under = first - np.where(first > 0, 1, 0)
    usable = water.any(axis=0) & (first > 0) & stands[under, columns]
    if usable.sum() < 2:
        return np.full(width, -1.0, np.float32)
    edge = np.interp(columns, columns[usable], first[usable].astype(np.float64))
    reach = max(1, round(EDGE * max(labels.shape)))
    padded = np.pad(edge, reach, mode="edge")
    windows = np.lib.stride_tricks.sliding_window_view(padded, 2 * reach + 1)
    result = _float32(np.median(windows, axis=1))
    result[~water.any(axis=0)] = -1.0
    return result


def _likeness(first: Planes, second: Planes, known: Mask, side: int) -> Planes:
    """Return the correlation [H, W] of two images in windows, 0 where nothing near is known."""
    box = (2 * round(0.5 * WINDOW * side) + 1,) * 2
    weight = known.astype(np.float32)
    count = cv2.blur(weight, box)
    total = np.maximum(count, 1e-3)

    def mean(values: Planes) -> Planes:
        return np.asarray(cv2.blur(values * weight, box) / total, np.float32)

    a, b = mean(first), mean(second)
    variances = [
        np.maximum(mean(image * image) - middle * middle, 0.0)
        for image, middle in ((first, a), (second, b))
    ]
    product = mean(first * second) - a * b
    told = known & (count > 0.3) & (np.minimum(*variances) > (0.5 * STRUCTURED) ** 2)
    told &= np.maximum(*variances) > STRUCTURED**2
    correlation = product / np.maximum(np.sqrt(variances[0] * variances[1]), 1e-6)
    # What tells nothing, a mirrored sky, takes after what is mirrored beside it.
    counts = told.astype(np.float32)
    reach = cv2.GaussianBlur(counts, (0, 0), AROUND * side)
    spread = cv2.GaussianBlur(np.where(told, correlation, 0.0), (0, 0), AROUND * side)
    return _float32(spread / np.maximum(reach, 0.1))


def _float32(values: ArrayLike) -> Planes:
    return np.asarray(values, dtype=np.float32)
