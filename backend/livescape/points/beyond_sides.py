"""What stands beyond the frame: beside it the mirror image, above it the silhouette, going on.

Beside the frame what stands goes on as its mirror image, a tree that the frame cuts as its other
half; above the frame its silhouette goes on straight.
"""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from livescape.imaging.morphology import touching
from livescape.points.floor import Floor
from livescape.points.kinds import NONE, OPEN, STANDING, Kinds, Surroundings
from livescape.points.margins import Margins
from livescape.points.rows import nearest_in_row
from livescape.points.shorelines import Shoreline, outlines, past_lines, shorelines, walk_above

Float32Image = NDArray[np.float32]
Mask = NDArray[np.bool_]

STRIP = 0.15
"""Share of the photo's width, at its border, that is mirrored beside it: more would show a second
castle."""

REACHED = 2
"""Mark of what reaches the side."""

APART = 1.5
"""Ratio of depths from which a thing stands clear of what it overlaps: a tree does not stand clear
of the next tree of its wood."""

SAME_SURFACE = 1.2
"""Ratio of depths up to which two pixels show one surface."""


def mirrored(
    kinds: Kinds,
    depth: Float32Image,
    moving: Float32Image,
    floor: Floor | None,
    margins: Margins,
) -> Surroundings:
    """Mirror the photo at its sides; above and below, go on with its edge or as a plane does."""
    columns = slice(margins.left, margins.left + depth.shape[1])
    farthest = 1.0 / float(depth.max())
    strip = max(1, round(STRIP * depth.shape[1]))
    clear, once = _standing_clear(kinds, depth, strip)
    beside = nearest_in_row(~clear)
    repeated = _repeated(depth.shape[1], margins, strip)
    mirror = _to_and_fro(depth.shape[1], margins, strip)

    def sideways(values: NDArray[Any], instead: float) -> NDArray[Any]:
        """Mirror, without what stands clear of the border: there is not a second one of it."""
        behind = np.where(beside < 0, instead, np.take_along_axis(values, beside, axis=1))
        grown = np.where(once[:, mirror] & repeated, instead, behind[:, mirror])
        grown[:, columns] = values
        return grown

    def grown(values: NDArray[Any], instead: float) -> NDArray[Any]:
        return np.pad(sideways(values, instead), (margins.rows, (0, 0)), mode="edge")

    disparity = sideways(1.0 / depth, farthest)
    disparity = np.pad(disparity, ((margins.top, 0), (0, 0)), mode="edge")
    if floor is None:
        disparity = _sloping_on(disparity, margins.bottom, len(depth))
    else:
        disparity = np.pad(disparity, ((0, margins.bottom), (0, 0)), mode="edge")
    limit = 1.5 * float(1.0 / depth.min())
    number = np.arange(depth.size, dtype=np.int32).reshape(depth.shape)
    shown = np.where(clear[:, mirror], NONE, sideways(number, NONE))
    shown[:, columns] = number
    source = np.pad(shown, (margins.rows, (0, 0)), constant_values=NONE)
    return Surroundings(
        grown(kinds, OPEN).astype(np.uint8),
        (1.0 / np.clip(disparity, farthest, limit)).astype(np.float32),
        grown(moving, 0.0).astype(np.float32),
        source.astype(np.int32),
    )


def _sloping_on(disparity: Float32Image, below: int, rows: int) -> Float32Image:
    """Continue disparity linearly below the frame, which continues a plane."""
    reach = min(below, rows - 1)
    sloped = np.pad(disparity, ((0, reach), (0, 0)), mode="reflect", reflect_type="odd")
    return np.pad(sloped, ((0, below - reach), (0, 0)), mode="edge")


def _to_and_fro(width: int, margins: Margins, strip: int) -> NDArray[np.intp]:
    """Return for each column of the grown grid the photo's column that it shows.

    Beside the photo those of the strip at its border follow each other, to and fro.
    """
    away = np.arange(max(margins.left, margins.right)) % (2 * strip)
    fold = np.where(away < strip, away, 2 * strip - 1 - away)
    left, right = fold[: margins.left][::-1], width - 1 - fold[: margins.right]
    return np.concatenate([left, np.arange(width), right]).astype(np.intp)


def _repeated(width: int, margins: Margins, strip: int) -> Mask:
    """Return which columns of the grown grid show the strip at the border for another time."""
    column = np.arange(width + sum(margins.columns)) - margins.left
    return np.maximum(-1 - column, column - width) >= strip


def _standing_clear(kinds: Kinds, depth: Float32Image, strip: int) -> tuple[Mask, Mask]:
    """Return what stands in the photo and is not mirrored, and what is so only once, each [H, W].

    Not mirrored is what does not reach the sides: instead is what is seen beside it. Only what the
    strip at the border shows counts: a tree may reach it, the castle behind it not. What goes
    through the whole strip, such as a ridge, goes on and on; what does not is shown once if there
    is sky to be seen instead.
    """
    standing = kinds == STANDING
    sides, beside = np.zeros_like(standing), np.zeros_like(standing)
    inner = np.zeros_like(standing)
    sides[:, (0, -1)] = True
    beside[:, :strip] = beside[:, -strip:] = True
    inner[:, (strip - 1, -strip)] = True
    clear = standing & ~_of_one_surface(standing & beside, depth)
    through = touching(touching(standing & beside, sides), inner)
    return clear, standing & ~through & bool((kinds == OPEN).any())


def _of_one_surface(region: Mask, depth: Float32Image) -> Mask:
    """Return the parts of ``region`` [H, W] that reach the sides without a step in depth.

    Posts in a lake overlap the far bank in the picture, and are no part of it.
    """
    distance = np.log(depth).astype(np.float32)
    step = float(np.log(APART))
    closed = np.pad((~region).astype(np.uint8), 1, constant_values=1)
    flags = 4 | cv2.FLOODFILL_MASK_ONLY | (REACHED << 8)
    for column in (0, depth.shape[1] - 1):
        for row in np.flatnonzero(region[:, column]):
            if not closed[row + 1, column + 1]:
                cv2.floodFill(distance, closed, (column, int(row)), 0, step, step, flags)
    return np.asarray(closed[1:-1, 1:-1] == REACHED, dtype=bool)


def above(around: Surroundings, margins: Margins) -> Surroundings:
    """Let silhouettes go on straight above the frame: a crown closes, a tower rises on.

    So does the outline of a tree before a cliff. Colours are those of the same surface below, to
    and fro.
    """
    rows = slice(margins.top, around.kinds.shape[0] - margins.bottom)
    kinds, depth, source = around.kinds[rows], around.depth[rows], around.source[rows]
    width = kinds.shape[1]
    long_side = max(kinds.shape[0], width - sum(margins.columns))
    row, column = np.indices((margins.top, width)).reshape(2, -1)
    border = walk_above(kinds.shape)
    lines = shorelines(kinds, border, (OPEN, STANDING), long_side)
    solid = np.where(kinds == OPEN, 0.0, 1.0 / depth)
    drawn = outlines(solid, border, SAME_SURFACE, long_side)
    lines += [line for line in drawn if _stands(line, kinds)]
    pixels = np.column_stack([column, row - margins.top])
    base = border.columns[past_lines(pixels, width - 1 - column, border, lines)]
    new = around.copy()
    for values in (new.kinds, new.depth, new.moving):
        values[: margins.top] = values[margins.top, base].reshape(margins.top, width)
    beside = _reflected(column, base, kinds, depth)
    thick = _thickness(kinds, depth)[beside]
    up = (margins.top - 1 - row) % (2 * thick)
    below = np.where(up < thick, up, 2 * thick - 1 - up)
    new.source[: margins.top] = source[below, beside].reshape(margins.top, width)
    return new


def _reflected(
    column: NDArray[np.intp], base: NDArray[np.intp], kinds: Kinds, depth: Float32Image
) -> NDArray[np.intp]:
    """Return the column [N] that lends its colours to what goes on above ``column`` [N].

    Past an outline it is the mirror image of ``column`` in the ``base`` [N] of what lies there:
    the column next to the outline shows hardly more of it than a pixel.
    """
    mirror = np.clip(2 * base - column, 0, kinds.shape[1] - 1)
    alike = np.abs(np.log(depth[0, mirror] / depth[0, base])) < np.log(SAME_SURFACE)
    return np.where(alike & (kinds[0, mirror] == kinds[0, base]), mirror, base)


def _stands(line: Shoreline, kinds: Kinds) -> bool:
    """Return whether what stands is on both sides of a line that leaves the photo at its top."""
    sides = kinds.shape[1] - 1 - np.array([line.before, line.after])
    return bool((kinds[0, sides] == STANDING).all())


def _thickness(kinds: Kinds, depth: Float32Image) -> NDArray[np.intp]:
    """Return for each column [W] how many rows from the top show the surface that the top does."""
    same = (kinds == kinds[0]) & (np.abs(np.log(depth / depth[0])) < np.log(SAME_SURFACE))
    return np.asarray(np.cumprod(same, axis=0).sum(axis=0))
