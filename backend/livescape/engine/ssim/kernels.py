"""Fused L1 + SSIM loss and its gradient, one image row per step.

Images are held as channel planes whose rows are padded with zeros, so that the 11 taps of the
window need no bounds checks. Each row is blurred vertically into a short buffer and then
horizontally out of it.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from livescape.engine.jit import helper, kernel
from livescape.engine.simd import LANES, Floats, broadcast, load, store, total

RADIUS = 5
"""Half-width of the window: 11 taps."""

PAD = 16
"""Zeros left of each row; as many at least follow it."""

_C1, _C2 = 0.01**2, 0.03**2


class LossTarget(NamedTuple):
    """A target image and what the loss needs of it."""

    image: Floats
    """[H, W, C]."""
    mask: Floats
    """[H, W] weights 0..1."""
    weights: Floats
    """[H * stride] the mask as a padded plane."""
    blurred: Floats
    """[C, H * stride] the image under the window."""
    variance: Floats
    """[C, H * stride] its windowed variance."""


def row_stride(width: int) -> int:
    """Elements of a padded row."""
    return PAD + -(-width // LANES) * LANES + PAD


@kernel
def pack_rows(piece: int, pieces: int, image: Floats, target: LossTarget, planes: Floats) -> None:
    """Write x, x^2 and x y of every `pieces`-th row into `planes` [3, C, H * stride].

    Where the mask is below 1 the image is replaced by the target in proportion, so that masked
    pixels look perfect to every window that covers them.
    """
    height, width, channels = image.shape
    stride = planes.shape[2] // height
    for y in range(piece, height, pieces):
        for x in range(width):
            at, m = y * stride + PAD + x, target.mask[y, x]
            for c in range(channels):
                t = target.image[y, x, c]
                v = t + m * (image[y, x, c] - t)
                planes[0, c, at] = v
                planes[1, c, at] = v * v
                planes[2, c, at] = v * t


@helper
def blur_columns(planes: Floats, c: int, y: int, height: int, taps: Floats, out: Floats) -> None:
    """Blur channel `c` of three stacks of planes vertically around row `y` into `out` [3, stride].

    Only the window's rows inside the image count, as if the rest were zero.
    """
    stride = planes.shape[2] // height
    first, last = max(y - RADIUS, 0), min(y + RADIUS + 1, height)
    for q in range(3):
        plane = planes[q, c]
        row_out = out[q]
        for x in range(0, stride, LANES):
            value = broadcast(taps.dtype.type(0.0))
            for row in range(first, last):
                value = value + load(plane, row * stride + x) * taps[row - y + RADIUS]
            store(row_out, x, value)


@helper
def blur_at(column: Floats, x: int, taps: Floats) -> Any:
    """Horizontal blur of a padded row: 16 values from pixel `x` on."""
    value = broadcast(taps.dtype.type(0.0))
    for k in range(2 * RADIUS + 1):
        value = value + load(column, PAD + x + k - RADIUS) * taps[k]
    return value


@kernel
def ssim_rows(
    piece: int,
    pieces: int,
    planes: Floats,
    target: LossTarget,
    taps: Floats,
    partials: Floats,
    sums: Floats,
) -> None:
    """Weighted sum of SSIM over every `pieces`-th row, and its derivatives.

    `planes` are x, x^2 and x y; `partials`, of the same shape, receives the derivatives by their
    blurred values, and `sums` [H, C] each row's sum.
    """
    height, channels = sums.shape
    columns = np.zeros((3, planes.shape[2] // height), planes.dtype)
    for y in range(piece, height, pieces):
        for c in range(channels):
            blur_columns(planes, c, y, height, taps, columns)
            sums[y, c] = ssim_row(columns, c, y, height, target, taps, partials)


@helper
def ssim_row(
    columns: Floats,
    c: int,
    y: int,
    height: int,
    target: LossTarget,
    taps: Floats,
    partials: Floats,
) -> float:
    """One row of one channel; see `ssim_rows`."""
    stride = columns.shape[1]
    target_mean, target_variance = target.blurred[c], target.variance[c]
    by_mean, by_square, by_product = partials[0, c], partials[1, c], partials[2, c]
    similarity = broadcast(taps.dtype.type(0.0))
    for x in range(0, stride - 2 * PAD, LANES):
        at = y * stride + PAD + x
        mean, square = blur_at(columns[0], x, taps), blur_at(columns[1], x, taps)
        product = blur_at(columns[2], x, taps)
        other, weight = load(target_mean, at), load(target.weights, at)
        a1 = mean * other * 2.0 + _C1
        a2 = (product - mean * other) * 2.0 + _C2
        b1 = mean * mean + other * other + _C1
        b2 = square - mean * mean + load(target_variance, at) + _C2
        inverse = 1.0 / (b1 * b2)
        value = a1 * a2 * inverse
        similarity = similarity + value * weight
        d_product = a1 * inverse * 2.0
        d_square = value * b1 * inverse * -1.0
        d_mean = (other * a2 - mean * value * b2) * inverse * 2.0
        d_mean = d_mean - mean * d_square * 2.0 - other * d_product
        store(by_mean, at, d_mean * weight)
        store(by_square, at, d_square * weight)
        store(by_product, at, d_product * weight)
    return float(total(similarity))


@kernel
def gradient_rows(
    piece: int,
    pieces: int,
    partials: Floats,
    planes: Floats,
    image: Floats,
    target: LossTarget,
    taps: Floats,
    ssim_scale: float,
    absolute_scale: float,
    gradient: Floats,
    sums: Floats,
) -> None:
    """Loss gradient [H, W, C] of every `pieces`-th row.

    `sums` [H] receives each row's masked sum of |x - y|.

    The scales multiply the gradients of the sums of SSIM and of |x - y|.
    """
    height, width, channels = gradient.shape
    stride = planes.shape[2] // height
    columns = np.zeros((3, stride), planes.dtype)
    blurred = np.empty((3, stride), planes.dtype)
    for y in range(piece, height, pieces):
        sums[y] = 0.0
        for c in range(channels):
            blur_columns(partials, c, y, height, taps, columns)
            for q in range(3):
                for x in range(0, stride - 2 * PAD, LANES):
                    store(blurred[q], x, blur_at(columns[q], x, taps))
            for x in range(width):
                m, t = target.mask[y, x], target.image[y, x, c]
                v = planes[0, c, y * stride + PAD + x]
                slope = blurred[0, x] + (v + v) * blurred[1, x] + t * blurred[2, x]
                difference = image[y, x, c] - t
                sums[y] += m * abs(difference)
                absolute = absolute_scale * np.sign(difference)
                gradient[y, x, c] = m * (ssim_scale * slope + absolute)
