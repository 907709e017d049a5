"""Gradient of blending: every block is traversed front to back a second time.

With w_i = T_i alpha_i and d_i = <v, features_i> + v_alpha, the loss gradient of alpha_i is
T_i d_i - R_i / (1 - alpha_i), where R_i sums w_j d_j over the splats behind i. R starts as
<v, image> + v_alpha * alpha, known from the forward pass, and loses w_i d_i at every splat, so
nothing per splat is kept from the forward pass. Each (splat, block) pair writes one record.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from livescape.gaussians.cpu.blend_state import (
    DONE_CHECK_INTERVAL,
    LIGHT,
    block_window,
    is_finished,
    reset_block,
)
from livescape.gaussians.cpu.exponential import falloff
from livescape.gaussians.cpu.jit import kernel
from livescape.gaussians.cpu.lane_bank import add_products, empty_bank, store_totals
from livescape.gaussians.cpu.lanes import (
    LANES,
    broadcast,
    load,
    magnitude,
    minimum,
    ramp,
    select,
    store,
    total,
)
from livescape.gaussians.cpu.layout import (
    BLOCK_HEIGHT,
    CONIC_A,
    CONIC_B,
    CONIC_C,
    FEATURES,
    MEAN_X,
    MEAN_Y,
    OPACITY,
    ROW_STRIDE,
    SUM_1,
    SUM_FEATURES,
    SUM_X,
    SUM_XX,
    SUM_XY,
    SUM_Y,
    SUM_YY,
)
from livescape.gaussians.thresholds import ALPHA_MAX, ALPHA_MIN, TRANSMITTANCE_MIN

Array = Any

_BEHIND, _V_ALPHA, _V_FEATURES = 1, 2, 3  # planes after the light


@kernel
def gradient_pieces(
    piece: int, pieces: int, starts: Array, entries: Array, packed: Array, boxes: Array,
    width: int, height: int, features: tuple[int, ...], absolute: tuple[int, ...],
    images: tuple[Array, ...], v_images: tuple[Array, ...], records: Array,
) -> None:
    """Write the gradient record of every entry of every `pieces`-th block.

    `len(features)` is one plus the compiled number of colours; a non-empty `absolute` adds the
    two absolute sums. Images and their gradients are (colors, depths, alphas).
    """
    row = (_V_FEATURES + len(features)) * ROW_STRIDE
    state = np.empty(BLOCK_HEIGHT * row, packed.dtype)
    for block in range(piece, len(starts) - 1, pieces):
        x0, y0, columns, rows = block_window(block, width, height)
        reset_block(state, row, columns, rows)
        load_block(state, row, x0, y0, columns, rows, images, v_images)
        first, last = starts[block], starts[block + 1]
        k = first
        while k < last:
            if (k - first) % DONE_CHECK_INTERVAL == 0 and is_finished(state, row, columns, rows):
                break
            i = entries[k]
            splat_gradient(
                state, row, packed[i], boxes[i], x0, y0, columns, rows,
                features, absolute, records[k],
            )
            k += 1
        records[k:last] = 0.0


@kernel
def load_block(
    state: Array, row: int, x0: int, y0: int, columns: int, rows: int,
    images: tuple[Array, ...], v_images: tuple[Array, ...],
) -> None:
    """Fill the gradient planes and R from images and their gradients."""
    colors, depths, alphas = images
    v_colors, v_depths, v_alphas = v_images
    for y in range(rows):
        for x in range(columns):
            i, j, at = y0 + y, x0 + x, y * row + x
            v_alpha, v_depth = v_alphas[i, j], v_depths[i, j]
            behind = v_alpha * alphas[i, j] + v_depth * depths[i, j]
            state[at + _V_ALPHA * ROW_STRIDE] = v_alpha
            state[at + _V_FEATURES * ROW_STRIDE] = v_depth
            for c in range(v_colors.shape[2]):
                behind += v_colors[i, j, c] * colors[i, j, c]
                state[at + (_V_FEATURES + 1 + c) * ROW_STRIDE] = v_colors[i, j, c]
            state[at + _BEHIND * ROW_STRIDE] = behind


@kernel
def splat_gradient(
    state: Array, row: int, splat: Array, box: Array,
    x0: int, y0: int, columns: int, rows: int,
    features: tuple[int, ...], absolute: tuple[int, ...], record: Array,
) -> None:
    """Sum one splat's gradients over the block into `record`; advances light and R."""
    real = splat.dtype.type
    half, zero = real(0.5), broadcast(splat.dtype.type(0.0))
    a, b, c, opacity = half * splat[CONIC_A], splat[CONIC_B], half * splat[CONIC_C], splat[OPACITY]
    sum_1, sum_x, sum_y, sum_xx, sum_xy, sum_yy = zero, zero, zero, zero, zero, zero
    sum_abs_x, sum_abs_y = zero, zero
    v_features = empty_bank(zero, features)
    for x in range(max(box[0] - x0, 0), min(box[1] - x0, columns), LANES):
        dx = ramp(real(x0 + x) + half - splat[MEAN_X])
        column, column_y, column_yy = zero, zero, zero
        for y in range(max(box[2] - y0, 0), min(box[3] - y0, rows)):
            dy = real(y0 + y) + half - splat[MEAN_Y]
            at = y * row + x
            sigma = dx * (dx * a + b * dy) + c * dy * dy
            unclamped = falloff(sigma) * opacity
            alpha = minimum(unclamped, ALPHA_MAX)
            light = load(state, at)
            drawn = (alpha >= ALPHA_MIN) & (sigma >= 0.0)
            light_after = light * (1.0 - alpha)
            live = drawn & (light_after > TRANSMITTANCE_MIN)
            weight = select(live, alpha * light, 0.0)
            store(state, at, select(drawn, select(live, light_after, 0.0), light))
            v_weight = load(state, at + _V_ALPHA * ROW_STRIDE)
            for k in range(len(features)):
                plane = load(state, at + (_V_FEATURES + k) * ROW_STRIDE)
                v_weight = v_weight + plane * splat[FEATURES + k]
            v_features = add_products(
                v_features, weight, state, at + _V_FEATURES * ROW_STRIDE, ROW_STRIDE
            )
            behind = load(state, at + _BEHIND * ROW_STRIDE) - weight * v_weight
            store(state, at + _BEHIND * ROW_STRIDE, behind)
            v_alpha = light * v_weight - behind / (1.0 - alpha)
            moving = live & (unclamped <= ALPHA_MAX)
            v_sigma = select(moving, zero - unclamped * v_alpha, 0.0)
            column = column + v_sigma
            column_y = column_y + v_sigma * dy
            column_yy = column_yy + v_sigma * (dy * dy)
            if len(absolute) > 0:
                sum_abs_x = sum_abs_x + magnitude(v_sigma * (dx * (a + a) + b * dy))
                sum_abs_y = sum_abs_y + magnitude(v_sigma * (dx * b + (c + c) * dy))
        sum_1, sum_y, sum_yy = sum_1 + column, sum_y + column_y, sum_yy + column_yy
        sum_x, sum_xy = sum_x + column * dx, sum_xy + column_y * dx
        sum_xx = sum_xx + column * dx * dx
    record[SUM_1], record[SUM_X], record[SUM_Y] = total(sum_1), total(sum_x), total(sum_y)
    record[SUM_XX], record[SUM_XY], record[SUM_YY] = total(sum_xx), total(sum_xy), total(sum_yy)
    store_totals(record, SUM_FEATURES, v_features)
    if len(absolute) > 0:
        record[SUM_FEATURES + len(features)] = total(sum_abs_x)
        record[SUM_FEATURES + len(features) + 1] = total(sum_abs_y)
