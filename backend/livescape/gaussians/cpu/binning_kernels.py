"""Kernels that find each splat's exact pixel box, pack it, and list splats by image block."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from livescape.gaussians.cpu.jit import kernel
from livescape.gaussians.cpu.layout import (
    BLOCK_HEIGHT,
    BLOCK_WIDTH,
    CONIC_A,
    CONIC_B,
    CONIC_C,
    FEATURES,
    MEAN_X,
    MEAN_Y,
    OPACITY,
)
from livescape.gaussians.thresholds import ALPHA_MIN

Array = Any

# Pixels by which boxes are widened against rounding; alpha alone decides inside them.
_SLACK = 0.01


@kernel
def pixel_range(centre: float, half: float, size: int) -> tuple[int, int]:
    """Pixels whose centres (at +0.5) lie within `half` of `centre`, as a clipped range."""
    first = max(0.0, min(float(size), np.ceil(centre - half - 0.5)))
    last = max(0.0, min(float(size), np.floor(centre + half - 0.5) + 1.0))
    return int(first), int(last)


@kernel
def bound_pieces(
    piece: int, pieces: int,
    means2d: Array, conics: Array, opacities: Array, colors: Array, radii: Array,
    width: int, height: int, boxes: Array, counts: Array,
) -> None:
    """Write boxes (x0, x1, y0, y1) of this piece's splats, empty where nothing is drawn.

    Outside the box alpha is below 1/255 for this splat's opacity, so the box is exact.
    `counts[piece]` receives the number of splats drawn.
    """
    n = means2d.shape[0]
    drawn = 0
    for g in range(n * piece // pieces, n * (piece + 1) // pieces):
        boxes[g] = 0
        if radii[g, 0] <= 0 or not math.isfinite(finite_probe(colors, g)):
            continue
        a, b, c = float(conics[g, 0]), float(conics[g, 1]), float(conics[g, 2])
        det = a * c - b * b
        opacity = min(1.0, float(opacities[g]))
        if not (det > 0.0 and opacity >= ALPHA_MIN):
            continue
        extent = math.sqrt(2.0 * math.log(opacity / ALPHA_MIN) / det)
        x0, x1 = pixel_range(float(means2d[g, 0]), extent * math.sqrt(c) + _SLACK, width)
        y0, y1 = pixel_range(float(means2d[g, 1]), extent * math.sqrt(a) + _SLACK, height)
        if x1 > x0 and y1 > y0:
            boxes[g, 0], boxes[g, 1], boxes[g, 2], boxes[g, 3] = x0, x1, y0, y1
            drawn += 1
    counts[piece] = drawn


@kernel
def finite_probe(colors: Array, g: int) -> float:
    """A finite number exactly if all of the splat's colours are."""
    probe = 0.0
    for c in range(colors.shape[1]):
        probe += 0.0 * float(colors[g, c])
    return probe


@kernel
def compact_pieces(piece: int, pieces: int, boxes: Array, starts: Array, visible: Array) -> None:
    """List this piece's drawn splats from slot `starts[piece]` on."""
    n = boxes.shape[0]
    slot = starts[piece]
    for g in range(n * piece // pieces, n * (piece + 1) // pieces):
        if boxes[g, 1] > boxes[g, 0]:
            visible[slot] = g
            slot += 1


@kernel
def block_range(box: Array) -> tuple[int, int, int, int]:
    """Half-open ranges of block columns and rows a box touches."""
    return (
        box[0] // BLOCK_WIDTH,
        (box[1] - 1) // BLOCK_WIDTH + 1,
        box[2] // BLOCK_HEIGHT,
        (box[3] - 1) // BLOCK_HEIGHT + 1,
    )


@kernel
def pack_pieces(
    piece: int, pieces: int, order: Array,
    means2d: Array, depths: Array, conics: Array, opacities: Array, colors: Array, boxes: Array,
    blocks_x: int, packed: Array, packed_boxes: Array, touched: Array, block_counts: Array,
) -> None:
    """Pack this piece's splats in depth order; count blocks per splat and splats per block."""
    n = len(order)
    row = block_counts[piece]
    row[:] = 0
    for i in range(n * piece // pieces, n * (piece + 1) // pieces):
        g = order[i]
        packed[i, MEAN_X], packed[i, MEAN_Y] = means2d[g, 0], means2d[g, 1]
        packed[i, CONIC_A], packed[i, CONIC_B] = conics[g, 0], conics[g, 1]
        packed[i, CONIC_C], packed[i, OPACITY] = conics[g, 2], opacities[g]
        packed[i, FEATURES] = depths[g]
        for c in range(colors.shape[1]):
            packed[i, FEATURES + 1 + c] = colors[g, c]
        for c in range(FEATURES + 1 + colors.shape[1], packed.shape[1]):
            packed[i, c] = 0.0
        packed_boxes[i] = boxes[g]
        bx0, bx1, by0, by1 = block_range(boxes[g])
        touched[i] = (bx1 - bx0) * (by1 - by0)
        for by in range(by0, by1):
            for bx in range(bx0, bx1):
                row[by * blocks_x + bx] += 1


@kernel
def list_pieces(
    piece: int, pieces: int, packed_boxes: Array, blocks_x: int,
    next_entry: Array, first_slot: Array, entries: Array, slots: Array,
) -> None:
    """Append this piece's splats to the block lists, remembering for each where it went.

    Pieces are consecutive in depth and `next_entry[piece]` starts after the nearer pieces'
    entries, so every list ends up in depth order.
    """
    n = packed_boxes.shape[0]
    row = next_entry[piece]
    for i in range(n * piece // pieces, n * (piece + 1) // pieces):
        slot = first_slot[i]
        bx0, bx1, by0, by1 = block_range(packed_boxes[i])
        for by in range(by0, by1):
            for bx in range(bx0, bx1):
                block = by * blocks_x + bx
                entry = row[block]
                row[block] = entry + 1
                entries[entry] = i
                slots[slot] = entry
                slot += 1
