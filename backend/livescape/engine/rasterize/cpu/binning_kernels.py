"""Kernels that find each splat's exact pixel box, pack it, and list splats by image block."""

from __future__ import annotations

import math

import numpy as np

from livescape.engine.jit import helper, kernel
from livescape.engine.rasterize.cpu.arrays import (
    BLOCK_HEIGHT,
    BLOCK_WIDTH,
    FEATURES,
    MEAN_X,
    MEAN_Y,
    OPACITY,
    PACKED_COLUMNS,
    ROOT_X,
    ROOT_Y,
    SHEAR,
    SplatArrays,
)
from livescape.engine.simd import Floats
from livescape_shared.rendering import ALPHA_MIN

# Pixels by which boxes are widened against rounding; alpha alone decides inside them.
_SLACK = 0.01


@helper
def pixel_range(centre: float, half: float, size: int) -> tuple[int, int]:
    """Pixels whose centres (at +0.5) lie within `half` of `centre`, as a clipped range."""
    first = max(0.0, min(float(size), np.ceil(centre - half - 0.5)))
    last = max(0.0, min(float(size), np.floor(centre + half - 0.5) + 1.0))
    return int(first), int(last)


@helper
def all_finite(colors: Floats, g: int) -> bool:
    """Whether all of a splat's colours are finite."""
    probe = 0.0
    for c in range(colors.shape[1]):
        probe += 0.0 * float(colors[g, c])
    return math.isfinite(probe)


@helper
def pack_one(g: int, splats: SplatArrays, colors: Floats, x0: int, y0: int, rows: Floats) -> None:
    """Fill row `g` of the packed parameters; (x0, y0) is the box's first pixel."""
    rows[g, MEAN_X] = splats.means2d[g, 0] - x0
    rows[g, MEAN_Y] = splats.means2d[g, 1] - y0
    a, b, c = float(splats.conics[g, 0]), float(splats.conics[g, 1]), float(splats.conics[g, 2])
    root = math.sqrt(0.5 * a)
    rows[g, ROOT_X] = root
    rows[g, SHEAR] = 0.5 * b / root
    rows[g, ROOT_Y] = math.sqrt(0.5 * (a * c - b * b) / a)
    rows[g, OPACITY] = splats.opacities[g]
    rows[g, FEATURES] = splats.depths[g]
    first = FEATURES + 1
    for c in range(colors.shape[1]):
        rows[g, first + c] = colors[g, c]
    for c in range(first + colors.shape[1], PACKED_COLUMNS):
        rows[g, c] = 0.0


@kernel
def bound_pieces(
    piece: int,
    pieces: int,
    splats: SplatArrays,
    radii: Floats,
    colors: Floats,
    width: int,
    height: int,
    rows: Floats,
    boxes: Floats,
    counts: Floats,
) -> None:
    """Pack this piece's splats and find their boxes (x0, x1, y0, y1), empty if not drawn.

    Outside the box alpha is below 1/255 for this splat's opacity, so the box is exact.
    `counts[piece]` receives the number of splats drawn.
    """
    n = len(splats.opacities)
    drawn = 0
    for g in range(n * piece // pieces, n * (piece + 1) // pieces):
        for k in range(4):
            boxes[g, k] = 0
        if radii[g, 0] <= 0 or not all_finite(colors, g):
            continue
        a, b = float(splats.conics[g, 0]), float(splats.conics[g, 1])
        c = float(splats.conics[g, 2])
        det = a * c - b * b
        opacity = min(1.0, float(splats.opacities[g]))
        if not (det > 0.0 and opacity >= ALPHA_MIN):
            continue
        extent = math.sqrt(2.0 * math.log(opacity / ALPHA_MIN) / det)
        half_x, half_y = extent * math.sqrt(c) + _SLACK, extent * math.sqrt(a) + _SLACK
        x0, x1 = pixel_range(float(splats.means2d[g, 0]), half_x, width)
        y0, y1 = pixel_range(float(splats.means2d[g, 1]), half_y, height)
        if x1 > x0 and y1 > y0:
            boxes[g, 0], boxes[g, 1], boxes[g, 2], boxes[g, 3] = x0, x1, y0, y1
            pack_one(g, splats, colors, x0, y0, rows)
            drawn += 1
    counts[piece] = drawn


@kernel
def compact_pieces(piece: int, pieces: int, boxes: Floats, starts: Floats, visible: Floats) -> None:
    """List this piece's drawn splats from slot `starts[piece]` on."""
    n = len(boxes)
    slot = starts[piece]
    for g in range(n * piece // pieces, n * (piece + 1) // pieces):
        if boxes[g, 1] > boxes[g, 0]:
            visible[slot] = g
            slot += 1


@helper
def block_range(boxes: Floats, i: int) -> tuple[int, int, int, int]:
    """Half-open ranges of block columns and rows that box `i` touches."""
    return (
        boxes[i, 0] // BLOCK_WIDTH,
        (boxes[i, 1] - 1) // BLOCK_WIDTH + 1,
        boxes[i, 2] // BLOCK_HEIGHT,
        (boxes[i, 3] - 1) // BLOCK_HEIGHT + 1,
    )


@kernel
def gather_pieces(
    piece: int,
    pieces: int,
    order: Floats,
    rows: Floats,
    boxes: Floats,
    blocks_x: int,
    packed: Floats,
    packed_boxes: Floats,
    touched: Floats,
    block_counts: Floats,
) -> None:
    """Copy this piece's splats in depth order; count blocks per splat and splats per block."""
    n = len(order)
    first, last = n * piece // pieces, n * (piece + 1) // pieces
    # A loop of its own: unpredictable branches would keep the processor from fetching ahead.
    for i in range(first, last):
        g = order[i]
        for k in range(PACKED_COLUMNS):
            packed[i, k] = rows[g, k]
        for k in range(4):
            packed_boxes[i, k] = boxes[g, k]
    for block in range(block_counts.shape[1]):
        block_counts[piece, block] = 0
    for i in range(first, last):
        bx0, bx1, by0, by1 = block_range(packed_boxes, i)
        touched[i] = (bx1 - bx0) * (by1 - by0)
        for by in range(by0, by1):
            for bx in range(bx0, bx1):
                block_counts[piece, by * blocks_x + bx] += 1


@kernel
def list_pieces(
    piece: int,
    pieces: int,
    boxes: Floats,
    blocks_x: int,
    next_entry: Floats,
    first_slot: Floats,
    entries: Floats,
    slots: Floats,
) -> None:
    """Append this piece's splats to the block lists, with a record slot for each entry.

    Pieces are consecutive in depth and `next_entry[piece]` starts after the nearer pieces'
    entries, so every list ends up in depth order.
    """
    n = len(boxes)
    for i in range(n * piece // pieces, n * (piece + 1) // pieces):
        slot = first_slot[i]
        bx0, bx1, by0, by1 = block_range(boxes, i)
        for by in range(by0, by1):
            for bx in range(bx0, bx1):
                block = by * blocks_x + bx
                entry = next_entry[piece, block]
                next_entry[piece, block] = entry + 1
                entries[entry] = i
                slots[entry] = slot
                slot += 1
