"""The blending state of one image block.

Planes lie as [row][plane][x] in one array: with a single base pointer and constant distances
LLVM knows that planes do not alias. Plane 0 is the light (transmittance) left at each pixel.
"""

from __future__ import annotations

from typing import Any

from livescape.gaussians.cpu.jit import kernel
from livescape.gaussians.cpu.layout import BLOCK_HEIGHT, BLOCK_WIDTH, ROW_STRIDE

Array = Any

LIGHT = 0
"""Plane of the light left; zero marks a finished pixel."""

DONE_CHECK_INTERVAL = 64
"""Splats between two looks at whether a whole block is finished."""


@kernel
def block_window(block: int, width: int, height: int) -> tuple[int, int, int, int]:
    """First pixel (x, y) of a block and its size (columns, rows) inside the image."""
    blocks_x = -(-width // BLOCK_WIDTH)
    x0, y0 = (block % blocks_x) * BLOCK_WIDTH, (block // blocks_x) * BLOCK_HEIGHT
    return x0, y0, min(BLOCK_WIDTH, width - x0), min(BLOCK_HEIGHT, height - y0)


@kernel
def reset_block(state: Array, row: int, columns: int, rows: int) -> None:
    """Zero all planes and light the block's pixels.

    The columns that vectors overrun stay dark, so nothing is ever drawn there.
    """
    state[: rows * row] = 0.0
    for y in range(rows):
        start = y * row + LIGHT * ROW_STRIDE
        state[start : start + columns] = 1.0


@kernel
def is_finished(state: Array, row: int, columns: int, rows: int) -> bool:
    """Whether no light is left in any pixel of the block."""
    for y in range(rows):
        start = y * row + LIGHT * ROW_STRIDE
        for x in range(start, start + columns):
            if state[x] != 0.0:
                return False
    return True
