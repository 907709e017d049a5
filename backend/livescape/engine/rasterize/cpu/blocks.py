"""The blending state of one image block.

Planes lie as [row][plane][x] in one array: with a single base pointer and constant distances
LLVM knows that planes do not alias. Plane 0 is the transmittance left at each pixel.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from livescape.engine.jit import helper
from livescape.engine.rasterize.cpu.arrays import (
    BLOCK_HEIGHT,
    BLOCK_WIDTH,
    MEAN_X,
    MEAN_Y,
    OPACITY,
    ROOT_X,
    ROOT_Y,
    ROW_STRIDE,
    SHEAR,
    Bins,
    Window,
)
from livescape.engine.rasterize.thresholds import TRANSMITTANCE_MIN
from livescape.engine.simd import Floats, falloff, load, minimum, select, store
from livescape_shared.rendering import ALPHA_MAX, ALPHA_MIN

TRANSMITTANCE = 0
"""Plane of the transmittance; zero marks a finished pixel."""

FINISHED_CHECK_INTERVAL = 64
"""Splats between two looks at whether a whole block is finished."""


@helper
def block_window(block: int, width: int, height: int) -> Window:
    """Where a block lies in the image."""
    blocks_x = -(-width // BLOCK_WIDTH)
    x0, y0 = (block % blocks_x) * BLOCK_WIDTH, (block // blocks_x) * BLOCK_HEIGHT
    return Window(x0, y0, min(BLOCK_WIDTH, width - x0), min(BLOCK_HEIGHT, height - y0))


class Ellipse(NamedTuple):
    """A splat: its box's first pixel within the block, and the mean from that pixel's centre.

    Whole pixels and the rest are kept apart, so that no digit of the rest is lost.
    sigma = (root_x dx + shear dy)^2 + (root_y dy)^2 with dx and dy in pixels from the mean.
    """

    left: int
    top: int
    x: float
    y: float
    root_x: float
    shear: float
    root_y: float
    opacity: float


class Hit(NamedTuple):
    """A splat at 16 neighbouring pixels; all `Lanes` but `live`."""

    unclamped: Any
    """Alpha before its upper limit."""
    alpha: Any
    transmittance: Any
    """Transmittance in front of the splat."""
    live: Any
    """Mask: where it is drawn."""
    contribution: Any
    """Alpha times transmittance where drawn, else 0."""


@helper
def overlap(bins: Bins, i: int, window: Window) -> tuple[int, int, int, int]:
    """Splat `i`'s box within the block: x0, x1, y0, y1 relative to its first pixel."""
    return (
        max(bins.boxes[i, 0] - window.x0, 0),
        min(bins.boxes[i, 1] - window.x0, window.columns),
        max(bins.boxes[i, 2] - window.y0, 0),
        min(bins.boxes[i, 3] - window.y0, window.rows),
    )


@helper
def ellipse(bins: Bins, i: int, window: Window) -> Ellipse:
    """Splat `i` relative to the block."""
    real = bins.packed.dtype.type
    half = real(0.5)
    return Ellipse(
        bins.boxes[i, 0] - window.x0,
        bins.boxes[i, 2] - window.y0,
        bins.packed[i, MEAN_X] - half,
        bins.packed[i, MEAN_Y] - half,
        bins.packed[i, ROOT_X],
        bins.packed[i, SHEAR],
        bins.packed[i, ROOT_Y],
        bins.packed[i, OPACITY],
    )


@helper
def composite(state: Floats, at: int, splat: Ellipse, dx: Any, dy: float) -> Hit:
    """Composite a splat over 16 pixels from index `at` on, and lower their transmittance.

    `dx` are lanes and `dy` a scalar, from the splat's mean.
    """
    u = dx * splat.root_x + splat.shear * dy
    v = splat.root_y * dy
    sigma = u * u + v * v
    unclamped = falloff(sigma) * splat.opacity
    alpha = minimum(unclamped, ALPHA_MAX)
    transmittance = load(state, at + TRANSMITTANCE * ROW_STRIDE)
    drawn = (alpha >= ALPHA_MIN) & (sigma >= 0.0)
    after = transmittance * (1.0 - alpha)
    live = drawn & (after > TRANSMITTANCE_MIN)
    left = select(drawn, select(live, after, 0.0), transmittance)
    store(state, at + TRANSMITTANCE * ROW_STRIDE, left)
    return Hit(unclamped, alpha, transmittance, live, select(live, alpha * transmittance, 0.0))


@helper
def reset_block(state: Floats, row: int, window: Window) -> None:
    """Zero all planes and set the transmittance of the block's pixels to 1.

    It stays 0 in the columns that vectors overrun, so nothing is ever drawn there.
    """
    for i in range(window.rows * row):
        state[i] = 0.0
    for y in range(window.rows):
        start = y * row + TRANSMITTANCE * ROW_STRIDE
        for x in range(start, start + window.columns):
            state[x] = 1.0


@helper
def is_finished(state: Floats, row: int, window: Window) -> bool:
    """Whether every pixel of the block is finished."""
    for y in range(window.rows):
        start = y * row + TRANSMITTANCE * ROW_STRIDE
        for x in range(start, start + window.columns):
            if state[x] != 0.0:
                return False
    return True
