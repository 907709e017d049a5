"""Depth-sorted lists of splats for every image block."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from livescape.engine.rasterize.cpu.arrays import (
    BLOCK_HEIGHT,
    BLOCK_WIDTH,
    PACKED_COLUMNS,
    Bins,
    SplatArrays,
)
from livescape.engine.rasterize.cpu.binning_kernels import (
    bound_pieces,
    compact_pieces,
    gather_pieces,
    list_pieces,
)
from livescape.engine.rasterize.cpu.depth_order import depth_order
from livescape.engine.simd import Floats
from livescape.engine.threads import run_pieces, thread_count
from livescape_shared.errors import LivescapeError

ENTRIES_MAX = 1 << 27
"""Splat-block pairs one image may need: about 1 GB of lists, and 6 GB of gradient records."""

_SPLATS_PER_PIECE = 8192  # below, waking a thread costs more than it saves


def bin_splats(
    splats: SplatArrays, radii: NDArray[np.int32], colors: Floats, width: int, height: int
) -> Bins:
    """Sort one camera's splats ([N, ...] arrays) by depth and list them by block.

    Raises:
        LivescapeError: "scene_too_dense" if the lists would not fit in memory.
    """
    rows = np.empty((len(colors), PACKED_COLUMNS), colors.dtype)
    boxes = np.empty((len(colors), 4), np.int32)
    visible = _visible(splats, radii, colors, width, height, rows, boxes)
    order = depth_order(splats.depths, visible)
    blocks_x, blocks_y = -(-width // BLOCK_WIDTH), -(-height // BLOCK_HEIGHT)
    pieces = min(thread_count(), 1 + len(colors) // _SPLATS_PER_PIECE)
    packed = np.empty((len(order), PACKED_COLUMNS), colors.dtype)
    packed_boxes = np.empty((len(order), 4), np.int32)
    touched = np.empty(len(order), np.int64)
    counts = np.empty((pieces, blocks_x * blocks_y), np.int64)
    run_pieces(
        gather_pieces,
        pieces,
        order,
        rows,
        boxes,
        blocks_x,
        packed,
        packed_boxes,
        touched,
        counts,
    )
    starts = np.concatenate(([0], np.cumsum(counts.sum(axis=0))))
    _check_size(int(starts[-1]))
    first_slot = np.concatenate(([0], np.cumsum(touched)))
    next_entry = starts[:-1] + np.cumsum(counts, axis=0) - counts
    entries, slots = np.empty(starts[-1], np.int32), np.empty(starts[-1], np.int32)
    run_pieces(list_pieces, pieces, packed_boxes, blocks_x, next_entry, first_slot, entries, slots)
    return Bins(order, packed, packed_boxes, starts, entries, first_slot, slots)


def _visible(
    splats: SplatArrays,
    radii: NDArray[np.int32],
    colors: Floats,
    width: int,
    height: int,
    rows: Floats,
    boxes: NDArray[np.int32],
) -> NDArray[np.int32]:
    """Fill rows and boxes, and list the splats that are drawn, in index order."""
    pieces = min(thread_count(), 1 + len(colors) // _SPLATS_PER_PIECE)
    counts = np.empty(pieces, np.int64)
    run_pieces(bound_pieces, pieces, splats, radii, colors, width, height, rows, boxes, counts)
    visible = np.empty(counts.sum(), np.int32)
    run_pieces(compact_pieces, pieces, boxes, np.cumsum(counts) - counts, visible)
    return visible


def _check_size(entries: int) -> None:
    if entries > ENTRIES_MAX:
        raise LivescapeError(
            "scene_too_dense",
            f"The Gaussians overlap too much to draw: {entries} splat-block pairs in one image.",
            hint="Use fewer or smaller Gaussians, or a smaller image.",
        )
