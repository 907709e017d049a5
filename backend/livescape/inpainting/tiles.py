"""Large images through a network that sees a small square: once coarsely, then tile by tile.

The coarse pass sees everything and gives wide holes their content. The tiles then repaint
it at full resolution, one after the other: each uses what earlier ones have filled, so
nothing is invented twice and no two versions are blended.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import cv2
import numpy as np
from numpy.typing import NDArray

Float32Image = NDArray[np.float32]
Mask = NDArray[np.bool_]

Network = Callable[[Float32Image, Mask], Float32Image]
"""Fills the masked pixels of a square image [S, S, 3]; may change the others, which are kept."""

OVERLAP = 4
"""Tiles overlap by a quarter of their side."""

LEAST_KNOWN = 0.5
"""Share of a tile that must be known for its repainting to be better than the coarse pass."""


def fill_in_tiles(
    image: Float32Image,
    unknown: Mask,
    wanted: Mask,
    network: Network,
    side: int,
    progress: Callable[[int, int], None] | None = None,
) -> Float32Image:
    """Return ``image`` with the unknown pixels filled as far as the wanted ones need it.

    Args:
        image: [H, W, 3] display sRGB with plausible colours in unknown pixels too.
        unknown: [H, W] pixels that the network must not look at.
        wanted: [H, W] the unknown pixels whose content is used.
        network: Fills one square.
        side: Pixels per side of that square.
        progress: Called with (tile, tiles); may raise to stop.
    """
    filled = _whole(image, unknown, network, side)
    if max(unknown.shape) <= side:
        return filled
    unknown = unknown.copy()
    tiles = list(_tiles(unknown.shape, side))
    for number, tile in enumerate(tiles):
        if progress is not None:
            progress(number, len(tiles))
        holes = unknown[tile]
        if (holes & wanted[tile]).any() and holes.mean() <= 1.0 - LEAST_KNOWN:
            painted = _padded(filled[tile], holes, network, side)
            filled[tile] = np.where(holes[..., None], painted, filled[tile])
            unknown[tile] = False
    return filled


def _whole(image: Float32Image, unknown: Mask, network: Network, side: int) -> Float32Image:
    """Fill everything at once, shrunk to the network's square if it is larger."""
    height, width = unknown.shape
    factor = min(1.0, side / max(height, width))
    size = (max(round(width * factor), 1), max(round(height * factor), 1))
    if factor == 1.0:
        painted = _padded(image, unknown, network, side)
    else:
        small = cv2.resize(image, size, interpolation=cv2.INTER_AREA)
        share = cv2.resize(unknown.astype(np.float32), size, interpolation=cv2.INTER_AREA)
        painted = _padded(np.asarray(small), np.asarray(share) > 0.0, network, side)
        large = cv2.resize(painted, (width, height), interpolation=cv2.INTER_CUBIC)
        painted = np.clip(large, 0.0, 1.0).astype(np.float32)
    return np.where(unknown[..., None], painted, image).astype(np.float32)


def _padded(image: Float32Image, unknown: Mask, network: Network, side: int) -> Float32Image:
    """Run the network on an image of at most its size, mirrored up to it."""
    height, width = unknown.shape
    grow = ((0, side - height), (0, side - width))
    square = np.pad(image, (*grow, (0, 0)), mode="symmetric")
    painted = network(square, np.pad(unknown, grow, mode="symmetric"))
    return painted[:height, :width]


def _tiles(shape: tuple[int, ...], side: int) -> Iterator[tuple[slice, slice]]:
    """Yield overlapping tiles of at most ``side`` pixels, row by row."""
    for top in _starts(shape[0], side):
        for left in _starts(shape[1], side):
            yield slice(top, top + side), slice(left, left + side)


def _starts(length: int, side: int) -> list[int]:
    """Return where tiles start so that they cover ``length`` and overlap evenly."""
    step = side - side // OVERLAP
    count = max(1, -(-(length - side) // step) + 1)
    return [round(index * (length - side) / max(count - 1, 1)) for index in range(count)]
