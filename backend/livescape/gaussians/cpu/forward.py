"""Front-to-back blending of splats into image blocks."""

from __future__ import annotations

from typing import Any

import numpy as np

from livescape.gaussians.cpu.blend_state import (
    DONE_CHECK_INTERVAL,
    block_window,
    is_finished,
    reset_block,
)
from livescape.gaussians.cpu.exponential import falloff
from livescape.gaussians.cpu.jit import kernel
from livescape.gaussians.cpu.lanes import LANES, load, minimum, ramp, select, store
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
)
from livescape.gaussians.thresholds import ALPHA_MAX, ALPHA_MIN, TRANSMITTANCE_MIN

Array = Any

_ALPHA, _FEATURES = 1, 2  # planes after the light; the features are depth and colours


@kernel
def blend_pieces(
    piece: int, pieces: int, starts: Array, entries: Array, packed: Array, boxes: Array,
    width: int, height: int, channels: tuple[int, ...],
    colors: Array, depths: Array, alphas: Array,
) -> None:
    """Blend every `pieces`-th block; `len(channels)` is the compiled number of colours."""
    row = (_FEATURES + 1 + len(channels)) * ROW_STRIDE
    state = np.empty(BLOCK_HEIGHT * row, packed.dtype)
    for block in range(piece, len(starts) - 1, pieces):
        x0, y0, columns, rows = block_window(block, width, height)
        reset_block(state, row, columns, rows)
        first = starts[block]
        for k in range(first, starts[block + 1]):
            if (k - first) % DONE_CHECK_INTERVAL == 0 and is_finished(state, row, columns, rows):
                break
            i = entries[k]
            blend_splat(state, row, packed[i], boxes[i], x0, y0, columns, rows, channels)
        write_block(state, row, x0, y0, columns, rows, colors, depths, alphas)


@kernel
def blend_splat(
    state: Array, row: int, splat: Array, box: Array,
    x0: int, y0: int, columns: int, rows: int, channels: tuple[int, ...],
) -> None:
    """Blend one splat over the part of its box that lies in the block."""
    real = splat.dtype.type
    half = real(0.5)
    a, b, c, opacity = half * splat[CONIC_A], splat[CONIC_B], half * splat[CONIC_C], splat[OPACITY]
    for x in range(max(box[0] - x0, 0), min(box[1] - x0, columns), LANES):
        dx = ramp(real(x0 + x) + half - splat[MEAN_X])
        for y in range(max(box[2] - y0, 0), min(box[3] - y0, rows)):
            dy = real(y0 + y) + half - splat[MEAN_Y]
            at = y * row + x
            sigma = dx * (dx * a + b * dy) + c * dy * dy
            alpha = minimum(falloff(sigma) * opacity, ALPHA_MAX)
            light = load(state, at)
            drawn = (alpha >= ALPHA_MIN) & (sigma >= 0.0)
            light_after = light * (1.0 - alpha)
            live = drawn & (light_after > TRANSMITTANCE_MIN)
            weight = select(live, alpha * light, 0.0)
            store(state, at, select(drawn, select(live, light_after, 0.0), light))
            alpha_at = at + _ALPHA * ROW_STRIDE
            store(state, alpha_at, load(state, alpha_at) + weight)
            for k in range(len(channels) + 1):
                feature_at = at + (_FEATURES + k) * ROW_STRIDE
                store(state, feature_at, load(state, feature_at) + weight * splat[FEATURES + k])


@kernel
def write_block(
    state: Array, row: int, x0: int, y0: int, columns: int, rows: int,
    colors: Array, depths: Array, alphas: Array,
) -> None:
    """Copy the block's planes to the images [H, W, C], [H, W] and [H, W]."""
    for y in range(rows):
        for x in range(columns):
            at = y * row + x
            alphas[y0 + y, x0 + x] = state[at + _ALPHA * ROW_STRIDE]
            depths[y0 + y, x0 + x] = state[at + _FEATURES * ROW_STRIDE]
            for c in range(colors.shape[2]):
                colors[y0 + y, x0 + x, c] = state[at + (_FEATURES + 1 + c) * ROW_STRIDE]
