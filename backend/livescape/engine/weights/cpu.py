"""What every splat gives to every pixel of one picture, listed once.

A picture is linear in its colours. Where only those change, a product with these weights takes the
place of drawing, and one with their transpose that of a gradient.
"""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.sparse import csc_array
from torch import Tensor

from livescape.engine.jit import kernel
from livescape.engine.rasterize.cpu.arrays import BLOCK_HEIGHT, ROW_STRIDE, Bins, SplatArrays
from livescape.engine.rasterize.cpu.binning import bin_splats
from livescape.engine.rasterize.cpu.blending import block_pieces
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


class Weights:
    """The weights of N Gaussians in one picture; see `blending_weights`."""

    def __init__(
        self,
        means: Tensor,
        quats: Tensor,
        scales: Tensor,
        opacities: Tensor,
        viewmat: Tensor,
        K: Tensor,
        options: RasterOptions,
    ) -> None:
        """List them."""
        width, height = self._size = options.width, options.height
        splats = project(means, quats, scales, opacities, viewmat[None], K[None], options)
        *arrays, radii = (tensor[0].numpy() for tensor in splats)
        bins = bin_splats(SplatArrays(*arrays), radii, means.numpy(), width, height)
        self._order, self._matrix = bins.order, _matrix(bins, width, height)
        self._count = len(means)

    def blended(self, colors: Tensor) -> Tensor:
        """Return the picture [H, W, 3] of ``colors`` [N, 3]."""
        width, height = self._size
        picture = self._matrix @ colors.detach().numpy()[self._order]
        return torch.from_numpy(picture.reshape(height, width, -1))

    def given(self, weights: Tensor) -> Tensor:
        """Return [N, 3] the sum of ``weights`` [H, W, 3] over what each Gaussian gives to them."""
        found = weights.new_zeros(self._count, weights.shape[-1])
        found.numpy()[self._order] = self._matrix.T @ weights.detach().numpy().reshape(-1, 3)
        return found


def _matrix(bins: Bins, width: int, height: int) -> csc_array:
    """Return the weights [P, V] of the V drawn splats."""
    pieces = block_pieces(bins)
    counts = np.empty(len(bins.entries), np.int64)
    nothing = np.empty(0, np.int32), np.empty(0, bins.packed.dtype)
    run_pieces(weight_pieces, pieces, bins, width, height, counts, *nothing)
    ends = np.concatenate([[0], np.cumsum(counts)])
    pixels = np.empty(ends[-1], np.int32)
    weights = np.empty(ends[-1], bins.packed.dtype)
    run_pieces(weight_pieces, pieces, bins, width, height, ends, pixels, weights)
    columns = ends[bins.first_slot].astype(np.int32)
    return csc_array((weights, pixels, columns), shape=(width * height, len(bins.order)))


@kernel
def weight_pieces(
    piece: int,
    pieces: int,
    bins: Bins,
    width: int,
    height: int,
    slots: NDArray[np.int64],
    pixels: NDArray[np.int32],
    weights: Floats,
) -> None:
    """List the weights of every `pieces`-th block from where each entry's begin in `slots`.

    With no room for them, `slots` is filled with how many each entry has.
    """
    state = np.empty(BLOCK_HEIGHT * ROW_STRIDE, bins.packed.dtype)
    lanes = np.empty(LANES, bins.packed.dtype)
    real = bins.packed.dtype.type
    for block in range(piece, len(bins.starts) - 1, pieces):
        window = block_window(block, width, height)
        reset_block(state, ROW_STRIDE, window)
        first, last = bins.starts[block], bins.starts[block + 1]
        finished = False
        for k in range(first, last):
            if (k - first) % FINISHED_CHECK_INTERVAL == 0 and not finished:
                finished = is_finished(state, ROW_STRIDE, window)
            i = bins.entries[k]
            splat = ellipse(bins, i, window)
            x0, x1, y0, y1 = overlap(bins, i, window)
            found = 0
            for y in range(y0, y1 if not finished else y0):
                for x in range(x0, x1, LANES):
                    dx = distances(real(x - splat.left), splat.x)
                    dy = real(y - splat.top) - splat.y
                    hit = composite(state, y * ROW_STRIDE + x, splat, dx, dy)
                    store(lanes, 0, hit.contribution)
                    for lane in range(LANES):
                        if lanes[lane] > 0.0:
                            if len(weights) > 0:
                                at = slots[bins.slots[k]] + found
                                pixels[at] = (window.y0 + y) * width + window.x0 + x + lane
                                weights[at] = lanes[lane]
                            found += 1
            if len(weights) == 0:
                slots[bins.slots[k]] = found
