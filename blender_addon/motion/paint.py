"""What paint on a photo means: colours of what moves and what stands, as masks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from livescape_shared.annotation import Annotation, mask_resized

from . import shapes
from .placing import to_pixels
from .properties import MOVES, STANDS

Float64Array = NDArray[np.float64]
Mask = NDArray[np.bool_]

COLORS = {MOVES: (0.2, 0.9, 0.65), STANDS: (1.0, 0.4, 0.1)}
"""In what colours is painted. White moves too, and black stands, as in masks of other programs."""

_HALF = 0.5
_DARK = 0.2


@dataclass(frozen=True)
class Paint:
    """What paint says, by pixel.

    Attributes:
        moving: [h, w], top row first.
        standing: [h, w]; no pixel is both.
    """

    moving: Mask
    standing: Mask

    @property
    def size(self) -> tuple[int, int]:
        """Width and height in pixels."""
        height, width = self.moving.shape
        return width, height

    def resized(self, size: tuple[int, int]) -> Paint:
        """Return it in another width and height."""
        return Paint(mask_resized(self.moving, *size), mask_resized(self.standing, *size))

    def over(self, below: Paint) -> Paint:
        """Return this paint over other paint of any size, in the size of this one."""
        under = below.resized(self.size)
        return Paint(
            self.moving | (under.moving & ~self.standing),
            self.standing | (under.standing & ~self.moving),
        )

    def says(self, kind: str, places: Float64Array, photo: tuple[int, int]) -> Mask:
        """Return at which places [n, 2], pixels of the photo, it is of a kind."""
        mask = self.moving if kind == MOVES else self.standing
        scaled = (places * np.array(self.size) / np.array(photo)).astype(np.intp)
        column, row = np.clip(scaled, 0, np.array(self.size) - 1).T
        return np.asarray(mask[row, column])


def classified(pixels: NDArray[np.float32]) -> Paint:
    """Return what an image [h, w, 4] says, bottom row first as Blender has it.

    What is more red than green, or dark, stands.
    """
    flipped = pixels[::-1]
    red, green, opaque = flipped[..., 0], flipped[..., 1], flipped[..., 3] > _HALF
    moves = (green >= red) & (green > _DARK)
    return Paint(opaque & moves, opaque & ~moves)


def painted(paint: Paint) -> NDArray[np.float32]:
    """Undo :func:`classified`."""
    width, height = paint.size
    pixels = np.zeros((height, width, 4), np.float32)
    for mask, kind in ((paint.moving, MOVES), (paint.standing, STANDS)):
        pixels[mask] = (*COLORS[kind], 1.0)
    return pixels[::-1]


def paint_within(outlines: Sequence[Float64Array], size: tuple[int, int]) -> Paint:
    """Return paint of a size that moves within outlines [n, 2] of the photo's frame."""
    width, height = size
    moving = np.zeros((height, width), bool)
    for outline in outlines:
        moving |= shapes.filled(to_pixels(outline, size), width, height)
    return Paint(moving, np.zeros_like(moving))


def paint_from(annotation: Annotation) -> Paint | None:
    """Return what the masks of an annotation say; None if it has none."""
    moving, standing = annotation.moving, annotation.standing
    if moving is None and standing is None:
        return None
    moving = np.zeros_like(standing) if moving is None else moving
    standing = np.zeros_like(moving) if standing is None else standing
    return Paint(moving & ~standing, standing)
