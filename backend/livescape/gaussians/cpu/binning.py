"""Depth-sorted lists of splats for every image block."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from livescape_shared.errors import LivescapeError
from numpy.typing import NDArray

from livescape.gaussians.cpu.binning_kernels import (
    bound_pieces,
    compact_pieces,
    list_pieces,
    pack_pieces,
)
from livescape.gaussians.cpu.depth_order import depth_order
from livescape.gaussians.cpu.layout import BLOCK_HEIGHT, BLOCK_WIDTH, PACKED_COLUMNS
from livescape.gaussians.cpu.threads import run_pieces, thread_count

ENTRIES_MAX = 1 << 27
"""Splat-block pairs one image may need (about 1.5 GB with their lists and gradients)."""


@dataclass(frozen=True)
class Bins:
    """One camera's V drawn splats in depth order and the block lists that refer to them.

    Attributes:
        order: [V] index of the Gaussian each packed splat came from.
        packed: [V, 16] parameters, see `layout`.
        boxes: [V, 4] int32 pixel boxes x0, x1, y0, y1.
        starts: [blocks + 1] first entry of each block's list.
        entries: [M] packed index of each list entry.
        first_slot: [V + 1] first of each splat's `slots`.
        slots: [M] positions in `entries` where each splat is listed.
    """

    order: NDArray[np.int32]
    packed: NDArray[Any]
    boxes: NDArray[np.int32]
    starts: NDArray[np.int64]
    entries: NDArray[np.int32]
    first_slot: NDArray[np.int64]
    slots: NDArray[np.int32]


def bin_splats(
    means2d: NDArray[Any], depths: NDArray[Any], conics: NDArray[Any], opacities: NDArray[Any],
    radii: NDArray[np.int32], colors: NDArray[Any], width: int, height: int,
) -> Bins:
    """Sort one camera's splats ([N, ...] arrays) by depth and list them by block.

    Raises:
        LivescapeError: "scene_too_dense" if the lists would not fit in memory.
    """
    boxes = np.empty((len(means2d), 4), np.int32)
    visible = _visible(means2d, conics, opacities, colors, radii, width, height, boxes)
    order = depth_order(depths, visible)
    blocks_x, blocks_y = -(-width // BLOCK_WIDTH), -(-height // BLOCK_HEIGHT)
    pieces = thread_count()
    packed = np.empty((len(order), PACKED_COLUMNS), means2d.dtype)
    packed_boxes = np.empty((len(order), 4), np.int32)
    touched = np.empty(len(order), np.int64)
    counts = np.empty((pieces, blocks_x * blocks_y), np.int64)
    run_pieces(
        pack_pieces, pieces, order, means2d, depths, conics, opacities, colors, boxes,
        blocks_x, packed, packed_boxes, touched, counts,
    )
    starts = np.concatenate(([0], np.cumsum(counts.sum(axis=0))))
    _check_size(int(starts[-1]))
    first_slot = np.concatenate(([0], np.cumsum(touched)))
    next_entry = starts[:-1] + np.cumsum(counts, axis=0) - counts
    entries, slots = np.empty(starts[-1], np.int32), np.empty(starts[-1], np.int32)
    run_pieces(
        list_pieces, pieces, packed_boxes, blocks_x, next_entry, first_slot, entries, slots
    )
    return Bins(order, packed, packed_boxes, starts, entries, first_slot, slots)


def _visible(
    means2d: NDArray[Any], conics: NDArray[Any], opacities: NDArray[Any], colors: NDArray[Any],
    radii: NDArray[np.int32], width: int, height: int, boxes: NDArray[np.int32],
) -> NDArray[np.int32]:
    pieces = thread_count()
    counts = np.empty(pieces, np.int64)
    run_pieces(
        bound_pieces, pieces, means2d, conics, opacities, colors, radii,
        width, height, boxes, counts,
    )
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
