"""Kernels that blend splats into image blocks, and the gradient of that.

Forward, a block's splats are composited front to back. Backward, every block is traversed front
to back a second time. With contributions w_i = T_i alpha_i and d_i = <v, features_i> + v_alpha,
the loss gradient of alpha_i is T_i d_i - R_i / (1 - alpha_i), where R_i sums w_j d_j over the
splats behind i. R starts as <v, image> + v_alpha * alpha, known from the forward pass, and loses
w_i d_i at every splat, so nothing per splat is kept from the forward pass. Each (splat, block)
pair writes one record; the records of a splat are then summed.
"""

from __future__ import annotations

import numpy as np

from livescape.engine.jit import helper, kernel
from livescape.engine.rasterize.cpu.arrays import (
    BLOCK_HEIGHT,
    FEATURES,
    OPACITY,
    ROOT_X,
    ROOT_Y,
    ROW_STRIDE,
    SHEAR,
    SUM_1,
    SUM_FEATURES,
    SUM_X,
    SUM_XX,
    SUM_XY,
    SUM_Y,
    SUM_YY,
    Bins,
    Images,
    SplatArrays,
    Window,
)
from livescape.engine.rasterize.cpu.blocks import (
    FINISHED_CHECK_INTERVAL,
    block_window,
    composite,
    ellipse,
    is_finished,
    overlap,
    reset_block,
)
from livescape.engine.simd import (
    LANES,
    Floats,
    add_products,
    broadcast,
    distances,
    empty_bank,
    load,
    magnitude,
    select,
    store,
    store_totals,
    total,
)
from livescape_shared.rendering import ALPHA_MAX

_COVERED, _SUMS = 1, 2
"""Forward planes after the transmittance: alpha so far, then the sums of depth and colours."""

_BEHIND, _V_ALPHA, _V_FEATURES = 1, 2, 3
"""Backward planes after the transmittance: R, then the gradients of alpha and of the sums."""


@kernel
def blend_pieces(
    piece: int, pieces: int, bins: Bins, features: tuple[int, ...], images: Images
) -> None:
    """Blend every `pieces`-th block.

    `len(features)` is one, for depth, plus the compiled number of colours.
    """
    row = (_SUMS + len(features)) * ROW_STRIDE
    state = np.empty(BLOCK_HEIGHT * row, bins.packed.dtype)
    height, width = images.alphas.shape
    for block in range(piece, len(bins.starts) - 1, pieces):
        window = block_window(block, width, height)
        reset_block(state, row, window)
        first = bins.starts[block]
        for k in range(first, bins.starts[block + 1]):
            if (k - first) % FINISHED_CHECK_INTERVAL == 0 and is_finished(state, row, window):
                break
            blend_splat(state, row, bins, bins.entries[k], window, features)
        write_block(state, row, window, images)


@helper
def blend_splat(
    state: Floats, row: int, bins: Bins, i: int, window: Window, features: tuple[int, ...]
) -> None:
    """Blend one splat over the part of its box that lies in the block."""
    real = bins.packed.dtype.type
    splat = ellipse(bins, i, window)
    x0, x1, y0, y1 = overlap(bins, i, window)
    for x in range(x0, x1, LANES):
        dx = distances(real(x - splat.left), splat.x)
        for y in range(y0, y1):
            at = y * row + x
            hit = composite(state, at, splat, dx, real(y - splat.top) - splat.y)
            alpha_at = at + _COVERED * ROW_STRIDE
            store(state, alpha_at, load(state, alpha_at) + hit.contribution)
            for k in range(len(features)):
                feature_at = at + (_SUMS + k) * ROW_STRIDE
                feature = bins.packed[i, FEATURES + k]
                store(state, feature_at, load(state, feature_at) + hit.contribution * feature)


@helper
def write_block(state: Floats, row: int, window: Window, images: Images) -> None:
    """Copy the block's planes to the images."""
    for y in range(window.rows):
        for x in range(window.columns):
            at, i, j = y * row + x, window.y0 + y, window.x0 + x
            images.alphas[i, j] = state[at + _COVERED * ROW_STRIDE]
            images.depths[i, j] = state[at + _SUMS * ROW_STRIDE]
            for c in range(images.colors.shape[2]):
                images.colors[i, j, c] = state[at + (_SUMS + 1 + c) * ROW_STRIDE]


@kernel
def gradient_pieces(
    piece: int,
    pieces: int,
    bins: Bins,
    features: tuple[int, ...],
    absolute: tuple[int, ...],
    images: Images,
    v_images: Images,
    records: Floats,
) -> None:
    """Write the gradient record of every entry of every `pieces`-th block.

    `len(features)` is one, for depth, plus the compiled number of colours; a non-empty
    `absolute` adds the two absolute sums. `records` is flat, one record after another.
    """
    row = (_V_FEATURES + len(features)) * ROW_STRIDE
    size = SUM_FEATURES + len(features) + len(absolute)
    state = np.empty(BLOCK_HEIGHT * row, bins.packed.dtype)
    height, width = images.alphas.shape
    for block in range(piece, len(bins.starts) - 1, pieces):
        window = block_window(block, width, height)
        reset_block(state, row, window)
        load_block(state, row, window, images, v_images)
        first, last = bins.starts[block], bins.starts[block + 1]
        finished = False
        for k in range(first, last):
            if (k - first) % FINISHED_CHECK_INTERVAL == 0 and not finished:
                finished = is_finished(state, row, window)
            record = bins.slots[k] * size
            if finished:
                for i in range(record, record + size):
                    records[i] = 0.0
            else:
                i = bins.entries[k]
                splat_gradient(state, row, bins, i, window, features, absolute, records, record)


@helper
def load_block(state: Floats, row: int, window: Window, images: Images, v_images: Images) -> None:
    """Fill the gradient planes and R from images and their gradients."""
    for y in range(window.rows):
        for x in range(window.columns):
            at, i, j = y * row + x, window.y0 + y, window.x0 + x
            v_alpha, v_depth = v_images.alphas[i, j], v_images.depths[i, j]
            behind = v_alpha * images.alphas[i, j] + v_depth * images.depths[i, j]
            state[at + _V_ALPHA * ROW_STRIDE] = v_alpha
            state[at + _V_FEATURES * ROW_STRIDE] = v_depth
            for c in range(v_images.colors.shape[2]):
                v_color = v_images.colors[i, j, c]
                behind += v_color * images.colors[i, j, c]
                state[at + (_V_FEATURES + 1 + c) * ROW_STRIDE] = v_color
            state[at + _BEHIND * ROW_STRIDE] = behind


@helper
def splat_gradient(
    state: Floats,
    row: int,
    bins: Bins,
    i: int,
    window: Window,
    features: tuple[int, ...],
    absolute: tuple[int, ...],
    records: Floats,
    record: int,
) -> None:
    """Sum one splat's gradients over the block into a record; advances transmittance and R."""
    real = bins.packed.dtype.type
    zero = broadcast(real(0.0))
    splat = ellipse(bins, i, window)
    x0, x1, y0, y1 = overlap(bins, i, window)
    sum_1, sum_x, sum_y, sum_xx, sum_xy, sum_yy = zero, zero, zero, zero, zero, zero
    sum_abs_x, sum_abs_y = zero, zero
    v_features = empty_bank(zero, features)
    for x in range(x0, x1, LANES):
        dx = distances(real(x - splat.left), splat.x)
        column, column_y, column_yy = zero, zero, zero
        for y in range(y0, y1):
            dy = real(y - splat.top) - splat.y
            at = y * row + x
            hit = composite(state, at, splat, dx, dy)
            v_contribution = load(state, at + _V_ALPHA * ROW_STRIDE)
            for k in range(len(features)):
                v_feature = load(state, at + (_V_FEATURES + k) * ROW_STRIDE)
                v_contribution = v_contribution + v_feature * bins.packed[i, FEATURES + k]
            v_features = add_products(
                v_features, hit.contribution, state, at + _V_FEATURES * ROW_STRIDE, ROW_STRIDE
            )
            behind = load(state, at + _BEHIND * ROW_STRIDE) - hit.contribution * v_contribution
            store(state, at + _BEHIND * ROW_STRIDE, behind)
            v_alpha = hit.transmittance * v_contribution - behind / (1.0 - hit.alpha)
            moving = hit.live & (hit.unclamped <= ALPHA_MAX)
            v_sigma = select(moving, hit.unclamped * v_alpha * -1.0, 0.0)
            column = column + v_sigma
            column_y = column_y + v_sigma * dy
            column_yy = column_yy + v_sigma * (dy * dy)
            if len(absolute) > 0:
                u = dx * splat.root_x + splat.shear * dy
                slope_y = u * splat.shear + splat.root_y * splat.root_y * dy
                sum_abs_x = sum_abs_x + magnitude(v_sigma * (u * (2.0 * splat.root_x)))
                sum_abs_y = sum_abs_y + magnitude(v_sigma * slope_y * 2.0)
        sum_1, sum_y, sum_yy = sum_1 + column, sum_y + column_y, sum_yy + column_yy
        sum_x, sum_xy = sum_x + column * dx, sum_xy + column_y * dx
        sum_xx = sum_xx + column * dx * dx
    records[record + SUM_1] = total(sum_1)
    records[record + SUM_X], records[record + SUM_Y] = total(sum_x), total(sum_y)
    records[record + SUM_XX], records[record + SUM_XY] = total(sum_xx), total(sum_xy)
    records[record + SUM_YY] = total(sum_yy)
    store_totals(records, record + SUM_FEATURES, v_features)
    if len(absolute) > 0:
        records[record + SUM_FEATURES + len(features)] = total(sum_abs_x)
        records[record + SUM_FEATURES + len(features) + 1] = total(sum_abs_y)


@kernel
def reduce_pieces(
    piece: int,
    pieces: int,
    bins: Bins,
    records: Floats,
    absolute_at: int,
    v_splats: SplatArrays,
    v_colors: Floats,
    absolute: Floats,
) -> None:
    """Sum each splat's records in a fixed order and scatter to the Gaussians' rows.

    `records` is [M, columns]; `absolute` is [N, 2], or empty if the records carry no absolute
    sums, which otherwise start at column `absolute_at`.
    """
    n = len(bins.order)
    real = records.dtype.type
    record = np.empty(records.shape[1], records.dtype)
    for i in range(n * piece // pieces, n * (piece + 1) // pieces):
        for k in range(len(record)):
            record[k] = 0.0
        for slot in range(bins.first_slot[i], bins.first_slot[i + 1]):
            for k in range(len(record)):
                record[k] += records[slot, k]
        g = bins.order[i]
        root_x, shear, root_y = (
            bins.packed[i, ROOT_X],
            bins.packed[i, SHEAR],
            bins.packed[i, ROOT_Y],
        )
        a, b, c = root_x * root_x, root_x * shear, shear * shear + root_y * root_y
        v_splats.means2d[g, 0] = real(-2.0) * (a * record[SUM_X] + b * record[SUM_Y])
        v_splats.means2d[g, 1] = real(-2.0) * (b * record[SUM_X] + c * record[SUM_Y])
        v_splats.conics[g, 0] = real(0.5) * record[SUM_XX]
        v_splats.conics[g, 1] = record[SUM_XY]
        v_splats.conics[g, 2] = real(0.5) * record[SUM_YY]
        v_splats.opacities[g] = -record[SUM_1] / bins.packed[i, OPACITY]
        v_splats.depths[g] = record[SUM_FEATURES]
        for k in range(v_colors.shape[1]):
            v_colors[g, k] = record[SUM_FEATURES + 1 + k]
        if len(absolute) > 0:
            absolute[g, 0] = record[absolute_at]
            absolute[g, 1] = record[absolute_at + 1]
