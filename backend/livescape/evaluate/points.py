"""Splatting of coloured points into a picture, nearest first, softly."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from livescape.engine.jit import exact_kernel

Float32Array = NDArray[np.float32]
Float64Array = NDArray[np.float64]

LARGEST = 4.0
"""Widest footprint of a point, half its width in pixels."""

TOLERANCE = 0.01
"""Difference in disparity, as a share of the nearest, beyond which the nearer point covers."""

SHARPNESS = 3.0

FIRM = 0.25
"""A point must cover so much of a pixel to hide what lies behind it."""


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
    tolerance = TOLERANCE * float(np.percentile(disparity, 98))
    total, cover = np.zeros((height, width)), np.zeros((height, width))
    sums = np.zeros((height, width, 3))
    points = [np.ascontiguousarray(values, np.float64) for values in (x, y, reach, disparity)]
    shown = colours.astype(np.float64)
    _splat(points[0], points[1], points[2], points[3], shown, tolerance, sums, total, cover)
    image = sums / np.maximum(total, 1e-12)[..., None]
    return image.astype(np.float32), cover.astype(np.float32)


@exact_kernel
def _splat(
    x: Float64Array,
    y: Float64Array,
    reach: Float64Array,
    disparity: Float64Array,
    colours: Float64Array,
    tolerance: float,
    sums: Float64Array,
    total: Float64Array,
    cover: Float64Array,
) -> None:
    """Add every point's tent to the pixels it touches; first find what is nearest in each."""
    height, width = total.shape
    nearest = np.zeros((height, width))
    for adding in (False, True):
        for n in range(len(x)):
            r = reach[n]
            for v in range(
                max(0, int(np.ceil(y[n] - r))), min(height, int(np.floor(y[n] + r)) + 1)
            ):
                for u in range(
                    max(0, int(np.ceil(x[n] - r))), min(width, int(np.floor(x[n] + r)) + 1)
                ):
                    share = (1.0 - abs(u - x[n]) / r) * (1.0 - abs(v - y[n]) / r)
                    if share <= 0.0:
                        continue
                    if not adding:
                        if share > FIRM:
                            nearest[v, u] = max(nearest[v, u], disparity[n])
                        continue
                    behind = max(nearest[v, u] - disparity[n], 0.0) / tolerance
                    weight = share * np.exp(-SHARPNESS * min(behind, 10.0))
                    total[v, u] += weight
                    cover[v, u] += share
                    for channel in range(3):
                        sums[v, u, channel] += weight * colours[n, channel]
