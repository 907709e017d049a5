"""Planes averaged around every pixel, but not across a bend, as of a fall into its pool."""

from __future__ import annotations

from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

Float32Array = NDArray[np.float32]
Mask = NDArray[np.bool_]

ASIDE = (3.0, 1.5)
"""Extents of the averaging from a pixel at which planes are tried, one after the other: from the
first on nothing of what is beyond a bend is averaged in; the second is for narrow surfaces."""

WAYS = ((1, 0), (1, 1), (0, 1), (-1, 1), (-1, 0), (-1, -1), (0, -1), (1, -1))

BETTER = 0.5
"""Share of a plane's squared error that one of those that are tried next must not exceed to explain
a pixel better: noise is on all of them alike."""

BENT = 16.0
"""Factor on the usual squared error of planes, relative to the depth, from which one is taken to be
averaged across a bend: four standard deviations of what uneven depth does anywhere."""

CORNERS = ((0, 0), (0, 1), (1, 0), (1, 1))
"""Anchors of the four squares of two by two pixels around one: at a bend, one of them lies wholly
on the pixel's own side."""


class Planes(NamedTuple):
    """Inverse depth as a linear function of the place in the picture, around every pixel.

    Attributes:
        slopes: [H, W, 2] change per column and per row.
        middle: [H, W, 3] mean column, row and inverse depth of what it is averaged over.
        known: [H, W] where there is enough of that.
    """

    slopes: Float32Array
    middle: Float32Array
    known: Mask


def own_side(planes: Planes, inverse: Float32Array, there: Mask, extent: float) -> Float32Array:
    """Return slopes [H, W, 2] of which none is averaged across a bend.

    What is averaged across one is the slope of neither side. There the plane of a place beside it
    goes on, if it explains the depth where the pixel is and the pixel's own plane does not.

    Args:
        planes: Averaged.
        inverse: [H, W] inverse depth.
        there: [H, W] where it is known.
        extent: Standard deviation in pixels of the averaging.
    """
    height, width = inverse.shape
    rows, columns = np.mgrid[:height, :width]
    counts = [_summed(there, corner) for corner in CORNERS]

    def error(down: NDArray[np.integer], right: NDArray[np.integer]) -> Float32Array:
        """Return the mean squared error beside each pixel of the plane at another."""
        u, v, level = np.moveaxis(planes.middle[down, right], -1, 0)
        slope = planes.slopes[down, right]
        expected = level + slope[..., 0] * (columns + 0.5 - u) + slope[..., 1] * (rows + 0.5 - v)
        squared = np.where(there, (inverse - expected) ** 2, 0.0)
        means = [
            _summed(squared, corner) / np.maximum(count, 1.0)
            for corner, count in zip(CORNERS, counts, strict=True)
        ]
        return np.asarray(np.min(means, axis=0), dtype=np.float32)

    own = error(rows, columns)
    relative = own / np.maximum(inverse, 1e-12) ** 2
    bent = there & (relative > BENT * np.median(relative[there])) if there.any() else there
    best, slopes = own, planes.slopes.copy()
    for away in ASIDE:
        best = np.float32(BETTER) * best
        for right, down in WAYS:
            step = away * extent / float(np.hypot(right, down))
            row, column = rows + round(step * down), columns + round(step * right)
            within = (row >= 0) & (row < height) & (column >= 0) & (column < width)
            row, column = np.clip(row, 0, height - 1), np.clip(column, 0, width - 1)
            found = error(row, column)
            better = bent & within & planes.known[row, column] & (found < best)
            best = np.where(better, found, best)
            slopes = np.where(better[..., None], planes.slopes[row, column], slopes)
    return slopes


def _summed(values: NDArray[np.generic], corner: tuple[int, int]) -> Float32Array:
    """Return the sums [H, W] over the squares of two by two pixels that reach from a corner."""
    plane = values.astype(np.float32)
    zero = cv2.BORDER_CONSTANT
    summed = cv2.boxFilter(plane, -1, (2, 2), anchor=corner, normalize=False, borderType=zero)
    return np.asarray(summed, dtype=np.float32)
