"""Splatting of coloured points into a picture, nearest first, softly."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

Float32Array = NDArray[np.float32]
Indices = NDArray[np.intp]

LARGEST = 4.0
"""Widest footprint of a point, half its width in pixels."""

TOLERANCE = 0.01
"""Difference in disparity, as a share of the nearest, beyond which the nearer point covers."""

SHARPNESS = 3.0


def splat_points(
    positions: NDArray[np.floating],
    depth: NDArray[np.floating],
    colours: Float32Array,
    size: NDArray[np.floating],
    width: int,
    height: int,
) -> tuple[Float32Array, Float32Array]:
    """Return the picture [height, width, 3] and the weight [height, width] it received.

    Every point is a tent as wide as its pixel has become, at least one pixel; where several meet,
    the nearest win softly.

    Args:
        positions: [N, 2] pixels.
        depth: [N] metres; points that are not in front of the camera are left out.
        colours: [N, 3].
        size: [N] width of a source pixel in pixels of this picture.
        width: Of the picture.
        height: Of the picture.
    """
    x, y = positions.T
    ahead = (depth > 1e-3) & (x > -LARGEST) & (x < width + LARGEST)
    ahead &= (y > -LARGEST) & (y < height + LARGEST)
    x, y, colours = x[ahead] - 0.5, y[ahead] - 0.5, colours[ahead]
    disparity = 1.0 / depth[ahead]
    reach = np.clip(size[ahead], 1.0, LARGEST)
    if not len(x):
        return np.zeros((height, width, 3), np.float32), np.zeros((height, width), np.float32)
    nearest = np.zeros(height * width)
    for target, share, kept in _taps(x, y, reach, width, height):
        # A point must cover a good part of a pixel to hide what lies behind it.
        firm = share > 0.25
        np.maximum.at(nearest, target[firm], disparity[kept][firm])
    tolerance = TOLERANCE * float(np.percentile(disparity, 98))
    sums, total = np.zeros((height * width, 3)), np.zeros(height * width)
    cover = np.zeros(height * width)
    for target, share, kept in _taps(x, y, reach, width, height):
        behind = np.maximum(nearest[target] - disparity[kept], 0.0) / tolerance
        weight = share * np.exp(-SHARPNESS * np.minimum(behind, 10.0))
        total += np.bincount(target, weight, height * width)
        cover += np.bincount(target, share, height * width)
        for channel in range(3):
            sums[:, channel] += np.bincount(target, weight * colours[kept, channel], height * width)
    image = sums / np.maximum(total, 1e-12)[:, None]
    shape = height, width
    return (
        image.reshape(*shape, 3).astype(np.float32),
        cover.reshape(shape).astype(np.float32),
    )


def _taps(
    x: NDArray[np.floating],
    y: NDArray[np.floating],
    reach: NDArray[np.floating],
    width: int,
    height: int,
) -> Iterator[tuple[Indices, NDArray[np.float64], Indices]]:
    """Yield target pixels, tent weights and indices of the points that touch them."""
    around = int(np.ceil(reach.max()))
    column, row = np.floor(x).astype(np.int64), np.floor(y).astype(np.int64)
    for j in range(1 - around, around + 1):
        for i in range(1 - around, around + 1):
            u, v = column + i, row + j
            share = np.maximum(1 - np.abs(u - x) / reach, 0) * np.maximum(
                1 - np.abs(v - y) / reach, 0
            )
            kept = np.flatnonzero((share > 0) & (u >= 0) & (u < width) & (v >= 0) & (v < height))
            yield v[kept] * width + u[kept], share[kept], kept
