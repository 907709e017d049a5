"""Forward warping on the CPU, one pixel after another."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from livescape.engine.jit import exact_kernel

Float32Array = NDArray[np.float32]


def splat(
    values: Float32Array, displacement: NDArray[np.floating], weight: NDArray[np.floating]
) -> tuple[Float32Array, Float32Array]:
    """See :func:`livescape.engine.splat.splat`."""
    height, width, channels = values.shape
    sums = np.zeros((height, width, channels), np.float32)
    weights = np.zeros((height, width), np.float32)
    _scatter(
        np.ascontiguousarray(values, np.float32),
        np.ascontiguousarray(displacement, np.float32),
        np.ascontiguousarray(weight, np.float32),
        sums,
        weights,
    )
    return sums, weights


@exact_kernel
def _scatter(
    values: Float32Array,
    displacement: Float32Array,
    weight: Float32Array,
    sums: Float32Array,
    weights: Float32Array,
) -> None:
    height, width, channels = values.shape
    for row in range(height):
        for column in range(width):
            own = weight[row, column]
            if own <= 0:
                continue
            x = column + displacement[row, column, 0]
            y = row + displacement[row, column, 1]
            left, top = int(np.floor(x)), int(np.floor(y))
            for j in range(2):
                for i in range(2):
                    to_x, to_y = left + i, top + j
                    if 0 <= to_x < width and 0 <= to_y < height:
                        share = own * (1 - abs(x - to_x)) * (1 - abs(y - to_y))
                        weights[to_y, to_x] += share
                        for channel in range(channels):
                            sums[to_y, to_x, channel] += share * values[row, column, channel]
