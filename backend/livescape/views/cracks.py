"""Cracks: gaps between points that are neighbours in the photo, spread by a nearer look.

Through a gap between two posts one sees what lies behind them, and has to; through a gap between
two pixels that the photo shows side by side, one must not. They are mostly of one thing, which has
a side there if they are at two depths: a boat's cabin and its hull.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from livescape.points.cloud import PointCloud

Float32Array = NDArray[np.float32]
Mask = NDArray[np.bool_]

THROUGH = 1.1
"""Ratio of disparities beyond which a pixel shows what lies behind its neighbours."""

SIDES = ((1, 1), (1, 2), (2, 1))
"""Pixels to both sides of a gap that is less than three pixels wide."""

DIRECTIONS = ((0, 1), (1, 0), (1, 1), (1, -1))
"""Rows and columns along which the sides of a gap are looked for."""

NEXT = 2
"""Pixels of the photo, at most, between points that are neighbours there: one may be missing."""


def bridged(index: NDArray[np.int32], disparity: Float32Array, cloud: PointCloud) -> Float32Array:
    """Return how near the surface is in which a pixel is a crack, if it is one.

    Args:
        index: [H, W] the nearest point of each pixel, -1 if there is none.
        disparity: [H, W] 1 / metres, 0 where no point is.
        cloud: The points.

    Returns:
        [H, W] disparity of the surface, 0 where none is on both sides.
    """
    reach = max(max(pair) for pair in SIDES)
    around = np.pad(index, reach, constant_values=-1)
    near = np.pad(disparity, reach)
    height, width = index.shape

    def beside(values: NDArray[np.generic], rows: int, columns: int) -> NDArray[np.generic]:
        top, left = reach + rows, reach + columns
        return values[top : top + height, left : left + width]

    result = np.zeros_like(disparity)
    for down, right in DIRECTIONS:
        for before, after in SIDES:
            one = -before * down, -before * right
            other = after * down, after * right
            lower = np.minimum(beside(near, *one), beside(near, *other))
            # Only where they are nearer than what is seen between them is there anything to ask.
            asked = np.flatnonzero((lower > THROUGH * disparity) & (lower > result))
            pairs = (np.asarray(beside(around, *each)).ravel()[asked] for each in (one, other))
            kept = asked[neighbours(cloud, *pairs)]
            result.ravel()[kept] = lower.ravel()[kept]
    return result


def neighbours(cloud: PointCloud, first: NDArray[np.integer], second: NDArray[np.integer]) -> Mask:
    """Return [M] which points are neighbours in the photo, by their numbers [M] each."""
    apart = np.abs(cloud.pixels[first] - cloud.pixels[second]).max(axis=1)
    return np.asarray(apart <= NEXT)
