"""What every splat gives to every pixel of one picture, listed once.

A picture is linear in its colours. Where only those change, a product with these weights takes the
place of drawing, and one with their transpose that of a gradient.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from livescape.engine.jit import helper, kernel
from livescape.engine.rasterize.cpu.arrays import (
    BLOCK_HEIGHT,
    ROW_STRIDE,
    Bins,
    SplatArrays,
    Window,
)
from livescape.engine.rasterize.cpu.binning import bin_splats
from livescape.engine.rasterize.cpu.blending import array_of, block_pieces
from livescape.engine.rasterize.cpu.blocks import (
    FINISHED_CHECK_INTERVAL,
    block_window,
    composite,
    ellipse,
    is_finished,
    overlap,
    reset_block,
)
from livescape.engine.rasterize.cpu.projection import project
from livescape.engine.rasterize.types import RasterOptions
from livescape.engine.simd import LANES, Floats, distances, store
from livescape.engine.threads import run_pieces
from livescape.engine.weights.types import View

_SPLATS_PER_PIECE = 8192


class Listed(NamedTuple):
    """The weights of all (splat, block) entries, those of each splat together."""

    starts: NDArray[np.int64]
    """[M + 1] where those of each entry's slot begin."""
    pixels: NDArray[np.int32]
    """[L] row-major index of the pixel."""
    weights: Floats
    """[L]."""


class Weights:
    """The weights of N Gaussians in one picture; see `blending_weights`."""

    def __init__(self, view: View) -> None:
        """List them."""
        splats = project(
            *(view.means, view.quats, view.scales, view.opacities.clamp(max=1.0)),
            *(view.viewmat[None], view.K[None]),
            RasterOptions(view.width, view.height),
        )
        *arrays, radii = (tensor[0].numpy() for tensor in splats)
        colors = np.zeros((len(radii), 3), np.float32)
        self._bins = bin_splats(SplatArrays(*arrays), radii, colors, view.width, view.height)
        self._listed = _listed(self._bins, view.width, view.height)
        self._count, self._size = len(radii), (view.width, view.height)

    def blended(self, colors: Tensor) -> Tensor:
        """Return the picture [H, W, 3] of ``colors`` [N, 3]."""
        width, height = self._size
        picture = np.zeros((width * height, 3), np.float32)
        pieces = block_pieces(self._bins)
        run_pieces(blended_pieces, pieces, self._bins, self._listed, array_of(colors), picture)
        return torch.from_numpy(picture.reshape(height, width, 3))

    def given(self, weights: Tensor) -> Tensor:
        """Return [N, 3] the sum of ``weights`` [H, W, 3] over what each Gaussian gives to them."""
        found = np.zeros((self._count, 3), np.float32)
        pieces = 1 + len(self._bins.order) // _SPLATS_PER_PIECE
        picture = array_of(weights).reshape(-1, 3)
        run_pieces(given_pieces, pieces, self._bins, self._listed, picture, found)
        return torch.from_numpy(found)


def _listed(bins: Bins, width: int, height: int) -> Listed:
    """Return all weights, counted first."""
    pieces, counts = block_pieces(bins), np.empty(len(bins.entries), np.int64)
    nothing = Listed(counts, np.empty(0, np.int32), np.empty(0, np.float32))
    run_pieces(weight_pieces, pieces, bins, width, height, nothing)
    starts = np.concatenate([np.zeros(1, np.int64), np.cumsum(counts)])
    pixels, weights = np.empty(starts[-1], np.int32), np.empty(starts[-1], np.float32)
    listed = Listed(starts, pixels, weights)
    run_pieces(weight_pieces, pieces, bins, width, height, listed)
    return listed


@kernel
def weight_pieces(
    piece: int, pieces: int, bins: Bins, width: int, height: int, listed: Listed
) -> None:
    """List the weights of every `pieces`-th block.

    Where `listed` has no room for them, its starts become how many each entry has.
    """
    counts = len(listed.weights) == 0
    state = np.empty(BLOCK_HEIGHT * ROW_STRIDE, bins.packed.dtype)
    lanes = np.empty(LANES, bins.packed.dtype)
    for block in range(piece, len(bins.starts) - 1, pieces):
        window = block_window(block, width, height)
        reset_block(state, ROW_STRIDE, window)
        first, last = bins.starts[block], bins.starts[block + 1]
        finished = False
        for k in range(first, last):
            if (k - first) % FINISHED_CHECK_INTERVAL == 0 and not finished:
                finished = is_finished(state, ROW_STRIDE, window)
            slot, found = bins.slots[k], 0
            if not finished:
                at = -1 if counts else listed.starts[slot]
                found = list_splat(state, lanes, bins, bins.entries[k], window, width, listed, at)
            if counts:
                listed.starts[slot] = found


@helper
def list_splat(
    state: Floats,
    lanes: Floats,
    bins: Bins,
    i: int,
    window: Window,
    width: int,
    listed: Listed,
    at: int,
) -> int:
    """List from index `at` on what one splat gives to the block, and return to how many pixels.

    With `at` below 0 they are counted only. `lanes` is room for one vector.
    """
    real = bins.packed.dtype.type
    splat = ellipse(bins, i, window)
    x0, x1, y0, y1 = overlap(bins, i, window)
    found = 0
    for y in range(y0, y1):
        row = (window.y0 + y) * width + window.x0
        for x in range(x0, x1, LANES):
            dx = distances(real(x - splat.left), splat.x)
            dy = real(y - splat.top) - splat.y
            hit = composite(state, y * ROW_STRIDE + x, splat, dx, dy)
            store(lanes, 0, hit.contribution)
            for lane in range(LANES):
                if lanes[lane] > 0.0:
                    if at >= 0:
                        listed.pixels[at + found] = row + x + lane
                        listed.weights[at + found] = lanes[lane]
                    found += 1
    return found


@kernel
def blended_pieces(
    piece: int, pieces: int, bins: Bins, listed: Listed, colors: Floats, picture: Floats
) -> None:
    """Add `colors` [N, 3], as weighted, to the pixels [P, 3] of every `pieces`-th block."""
    for block in range(piece, len(bins.starts) - 1, pieces):
        for k in range(bins.starts[block], bins.starts[block + 1]):
            slot, g = bins.slots[k], bins.order[bins.entries[k]]
            red, green, blue = colors[g, 0], colors[g, 1], colors[g, 2]
            for at in range(listed.starts[slot], listed.starts[slot + 1]):
                pixel, weight = listed.pixels[at], listed.weights[at]
                picture[pixel, 0] += weight * red
                picture[pixel, 1] += weight * green
                picture[pixel, 2] += weight * blue


@kernel
def given_pieces(
    piece: int, pieces: int, bins: Bins, listed: Listed, picture: Floats, found: Floats
) -> None:
    """Sum the pixels [P, 3] of `picture`, as weighted, for a share of the splats."""
    count = len(bins.order)
    for i in range(count * piece // pieces, count * (piece + 1) // pieces):
        first, last = bins.first_slot[i], bins.first_slot[i + 1]
        red, green, blue = np.float32(0.0), np.float32(0.0), np.float32(0.0)
        for at in range(listed.starts[first], listed.starts[last]):
            pixel, weight = listed.pixels[at], listed.weights[at]
            red += weight * picture[pixel, 0]
            green += weight * picture[pixel, 1]
            blue += weight * picture[pixel, 2]
        g = bins.order[i]
        found[g, 0], found[g, 1], found[g, 2] = red, green, blue
