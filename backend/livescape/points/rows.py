"""What lies beside a place in the same row of the picture, where a surface shows at one scale."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Float32Image = NDArray[np.float32]
Mask = NDArray[np.bool_]

SEAM = 6.0
"""Pixels across which both sides of a hole blend."""


def between(depth: Float32Image, shown: Mask, alike: float) -> Mask:
    """Return the pixels [H, W] that in their row or column have ``shown`` ones on both sides.

    Args:
        depth: [H, W] metres.
        shown: [H, W].
        alike: Ratio of depths up to which both sides are one thing.
    """
    in_rows = _between_in_rows(depth, shown, alike)
    return in_rows | _between_in_rows(depth.T, shown.T, alike).T


def _between_in_rows(depth: Float32Image, shown: Mask, alike: float) -> Mask:
    before, after = beside_in_row(shown)
    both = (before >= 0) & (after < shown.shape[1])
    left, right = (
        np.take_along_axis(depth, np.clip(side, 0, shown.shape[1] - 1), axis=1)
        for side in (before, after)
    )
    return np.asarray(both & (left < alike * right) & (right < alike * left), dtype=bool)


def beside_in_row(shown: Mask) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Return the column [H, W] of the next ``shown`` pixel to the left and to the right.

    It is a pixel's own where it is shown, and -1 or the width where there is none.
    """
    width = shown.shape[1]
    number = np.broadcast_to(np.arange(width), shown.shape)
    before = np.maximum.accumulate(np.where(shown, number, -1), axis=1)
    after = np.minimum.accumulate(np.where(shown, number, width)[:, ::-1], axis=1)[:, ::-1]
    return before, after


def nearest_in_row(shown: Mask) -> NDArray[np.intp]:
    """Return the column [H, W] of the nearest ``shown`` pixel in the same row, -1 if there is none.

    It is a pixel's own where it is shown.
    """
    before, after = beside_in_row(shown)
    column = np.arange(shown.shape[1])
    known_before, known_after = before >= 0, after < shown.shape[1]
    left = known_before & (~known_after | (column - before <= after - column))
    return np.where(left, before, np.where(known_after, after, -1))


def mirrored_rows(image: Float32Image, holes: Mask, sources: Mask) -> Float32Image:
    """Return ``image`` [H, W, 3] with ``holes`` filled by what lies beside them in the same row.

    A row of water shows it at one scale. Each side is mirrored up to the middle; holes whose mirror
    image is no source stay as they are.

    Args:
        image: [H, W, 3].
        holes: [H, W].
        sources: [H, W] what may be mirrored.
    """
    width = holes.shape[1]
    rows, columns = np.nonzero(holes)
    before, after = (side[rows, columns] for side in beside_in_row(sources))
    sides = []
    for edge in (before, after):
        mirror = 2 * edge - columns + np.sign(columns - edge)
        known = (edge >= 0) & (edge < width) & (mirror >= 0) & (mirror < width)
        mirror = np.clip(mirror, 0, width - 1)
        sides.append((known & sources[rows, mirror], image[rows, mirror]))
    (left, from_left), (right, from_right) = sides
    nearness = np.clip(0.5 + (after + before - 2 * columns) / (2.0 * SEAM), 0.0, 1.0)
    share = np.where(left & right, nearness, left)[:, None].astype(np.float32)
    mixed = share * from_left + (1.0 - share) * from_right
    result = image.copy()
    found = left | right
    result[rows[found], columns[found]] = mixed[found]
    return result
