"""Front-to-back blending of splats into image blocks."""

from __future__ import annotations

import numpy as np

from livescape.engine.jit import helper, kernel
from livescape.engine.lanes import LANES, distances, load, store
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
from livescape.engine.rasterize.cpu.tiles import BLOCK_HEIGHT, FEATURES, ROW_STRIDE

_ALPHA, _FEATURES = 1, 2  # planes after the light; the features are depth and colours


@kernel
def blend_pieces(
    piece: int, pieces: int, bins: Bins, features: tuple[int, ...], images: Images
) -> None:
    """Blend every `pieces`-th block.

    `len(features)` is one, for depth, plus the compiled number of colours.
    """
    row = (_FEATURES + len(features)) * ROW_STRIDE
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
            weight = strike(state, at, splat, dx, real(y - splat.top) - splat.y).weight
            alpha_at = at + _ALPHA * ROW_STRIDE
            store(state, alpha_at, load(state, alpha_at) + weight)
            for k in range(len(features)):
                feature_at = at + (_FEATURES + k) * ROW_STRIDE
                feature = bins.packed[i, FEATURES + k]
                store(state, feature_at, load(state, feature_at) + weight * feature)


@helper
def write_block(state: Floats, row: int, window: Window, images: Images) -> None:
    """Copy the block's planes to the images."""
    for y in range(window.rows):
        for x in range(window.columns):
            at, i, j = y * row + x, window.y0 + y, window.x0 + x
            images.alphas[i, j] = state[at + _ALPHA * ROW_STRIDE]
            images.depths[i, j] = state[at + _FEATURES * ROW_STRIDE]
            for c in range(images.colors.shape[2]):
                images.colors[i, j, c] = state[at + (_FEATURES + 1 + c) * ROW_STRIDE]
