"""Fused L1 + SSIM loss and its gradient, one image row per step.

Images are held as channel planes whose rows are padded with zeros, so that the 11 taps of the
window need no bounds checks. Each row is blurred vertically into a short buffer and then
horizontally out of it.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from livescape.gaussians.cpu.jit import kernel
from livescape.gaussians.cpu.lanes import LANES, broadcast, load, store, total

Array = Any

RADIUS = 5
"""Half-width of the window: 11 taps."""

PAD = 16
"""Zeros left of each row; as many at least follow it."""

_C1, _C2 = 0.01**2, 0.03**2


def row_stride(width: int) -> int:
    """Elements of a padded row."""
    return PAD + -(-width // LANES) * LANES + PAD


@kernel
def pack_rows(piece: int, pieces: int, image: Array, target: Array, mask: Array, planes: Array) -> None:
    """Write x, x^2 and x y of these rows into `planes` [3, C, H, stride].

    Where the mask is below 1 the image is replaced by the target in proportion, so that masked
    pixels look perfect to every window that sees them.
    """
    height, width, channels = image.shape
    for y in range(piece, height, pieces):
        for x in range(width):
            m = mask[y, x]
            for c in range(channels):
                t = target[y, x, c]
                v = t + m * (image[y, x, c] - t)
                planes[0, c, y, PAD + x] = v
                planes[1, c, y, PAD + x] = v * v
                planes[2, c, y, PAD + x] = v * t


@kernel
def blur_row(plane: Array, y: int, height: int, stride: int, taps: Array, column: Array) -> None:
    """Blur rows around `y` of a flat plane [H * stride] vertically into `column` [stride]."""
    first, last = max(y - RADIUS, 0), min(y + RADIUS + 1, height)
    for x in range(0, stride, LANES):
        value = broadcast(taps.dtype.type(0.0))
        for row in range(first, last):
            value = value + load(plane, row * stride + x) * taps[row - y + RADIUS]
        store(column, x, value)


@kernel
def blur_at(column: Array, x: int, taps: Array) -> Any:
    """Horizontal blur of a padded row: 16 values from pixel `x` on."""
    value = broadcast(taps.dtype.type(0.0))
    for k in range(2 * RADIUS + 1):
        value = value + load(column, PAD + x + k - RADIUS) * taps[k]
    return value


@kernel
def ssim_rows(
    piece: int, pieces: int, planes: Array, statistics: Array, weights: Array, taps: Array,
    partials: Array, sums: Array,
) -> None:
    """Per row: weighted sum of SSIM, and its derivatives by the three blurred statistics.

    Args:
        planes: [3, C, H * stride]: x, x^2, x y.
        statistics: [2, C, H * stride]: blurred y and variance of y.
        weights: [H * stride], zero in the padding.
        partials: [3, C, H * stride], written.
        sums: [H, C], written.
    """
    channels = planes.shape[1]
    height = len(sums)
    stride = len(weights) // height
    columns = np.zeros((3, stride), planes.dtype)
    for y in range(piece, height, pieces):
        for c in range(channels):
            for q in range(3):
                blur_row(planes[q, c], y, height, stride, taps, columns[q])
            sums[y, c] = ssim_row(
                columns, statistics[0, c], statistics[1, c], weights, taps, y * stride,
                partials[0, c], partials[1, c], partials[2, c], stride - 2 * PAD,
            )


@kernel
def ssim_row(
    columns: Array, target_mean: Array, target_variance: Array, weights: Array, taps: Array,
    start: int, by_mean: Array, by_square: Array, by_product: Array, width: int,
) -> float:
    """One row of one channel; see `ssim_rows`."""
    acc = broadcast(taps.dtype.type(0.0))
    for x in range(0, width, LANES):
        at = start + PAD + x
        mean, square = blur_at(columns[0], x, taps), blur_at(columns[1], x, taps)
        product = blur_at(columns[2], x, taps)
        other, weight = load(target_mean, at), load(weights, at)
        b1 = mean * mean + other * other + _C1
        b2 = square - mean * mean + load(target_variance, at) + _C2
        a1 = mean * other * 2.0 + _C1
        a2 = (product - mean * other) * 2.0 + _C2
        inverse = 1.0 / (b1 * b2)
        value = a1 * a2 * inverse
        acc = acc + value * weight
        by_products = a1 * inverse * 2.0
        by_squares = value * b1 * inverse * -1.0
        by_means = (other * a2 - mean * value * b2) * inverse * 2.0
        by_means = by_means - mean * by_squares * 2.0 - other * by_products
        store(by_mean, at, by_means * weight)
        store(by_square, at, by_squares * weight)
        store(by_product, at, by_products * weight)
    return total(acc)


@kernel
def gradient_rows(
    piece: int, pieces: int, partials: Array, planes: Array, target: Array, mask: Array,
    taps: Array, scale: float, gradient: Array,
) -> None:
    """Write `scale` times the SSIM sum's gradient into `gradient` [H, W, C]."""
    height, width, channels = gradient.shape
    stride = planes.shape[2] // height
    columns = np.zeros((3, stride), planes.dtype)
    blurred = np.empty((3, stride), planes.dtype)
    for y in range(piece, height, pieces):
        for c in range(channels):
            for q in range(3):
                blur_row(partials[q, c], y, height, stride, taps, columns[q])
                for x in range(0, stride - 2 * PAD, LANES):
                    store(blurred[q], x, blur_at(columns[q], x, taps))
            for x in range(width):
                v = planes[0, c, y * stride + PAD + x]
                slope = blurred[0, x] + (v + v) * blurred[1, x] + target[y, x, c] * blurred[2, x]
                gradient[y, x, c] = scale * mask[y, x] * slope


@kernel
def absolute_rows(
    piece: int, pieces: int, image: Array, target: Array, mask: Array, scale: float,
    gradient: Array, sums: Array,
) -> None:
    """Per row: masked sum of |x - y|; adds `scale` times its gradient to `gradient`."""
    height, width, channels = image.shape
    for y in range(piece, height, pieces):
        row = 0.0
        for x in range(width):
            m = mask[y, x]
            for c in range(channels):
                difference = image[y, x, c] - target[y, x, c]
                row += m * abs(difference)
                gradient[y, x, c] += scale * m * np.sign(difference)
        sums[y] = row
