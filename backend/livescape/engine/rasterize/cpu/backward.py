"""Gradient of blending: every block is traversed front to back a second time.

With w_i = T_i alpha_i and d_i = <v, features_i> + v_alpha, the loss gradient of alpha_i is
T_i d_i - R_i / (1 - alpha_i), where R_i sums w_j d_j over the splats behind i. R starts as
<v, image> + v_alpha * alpha, known from the forward pass, and loses w_i d_i at every splat, so
nothing per splat is kept from the forward pass. Each (splat, block) pair writes one record.
"""

from __future__ import annotations

import numpy as np

from livescape.engine.jit import helper, kernel
from livescape.engine.lane_bank import add_products, empty_bank, store_totals
from livescape.engine.lanes import (
    LANES,
    broadcast,
    distances,
    load,
    magnitude,
    select,
    store,
    total,
)
from livescape.engine.rasterize.cpu.blend_state import (
    FINISHED_CHECK_INTERVAL,
    block_window,
    ellipse,
    is_finished,
    overlap,
    reset_block,
    strike,
)
from livescape.engine.rasterize.cpu.records import Bins, Floats, Images, Window
from livescape.engine.rasterize.cpu.tiles import (
    BLOCK_HEIGHT,
    FEATURES,
    ROW_STRIDE,
    SUM_1,
    SUM_FEATURES,
    SUM_X,
    SUM_XX,
    SUM_XY,
    SUM_Y,
    SUM_YY,
)
from livescape_shared.rendering import ALPHA_MAX

_BEHIND, _V_ALPHA, _V_FEATURES = 1, 2, 3  # planes after the light


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
    """Sum one splat's gradients over the block into a record; advances light and R."""
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
            hit = strike(state, at, splat, dx, dy)
            v_weight = load(state, at + _V_ALPHA * ROW_STRIDE)
            for k in range(len(features)):
                v_feature = load(state, at + (_V_FEATURES + k) * ROW_STRIDE)
                v_weight = v_weight + v_feature * bins.packed[i, FEATURES + k]
            v_features = add_products(
                v_features, hit.weight, state, at + _V_FEATURES * ROW_STRIDE, ROW_STRIDE
            )
            behind = load(state, at + _BEHIND * ROW_STRIDE) - hit.weight * v_weight
            store(state, at + _BEHIND * ROW_STRIDE, behind)
            v_alpha = hit.light * v_weight - behind / (1.0 - hit.alpha)
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
