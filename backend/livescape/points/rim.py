"""Pixels on the line between what moves and what stands: they show some of both, and stand.

If such a pixel flowed away, it would take a rim of the boat along, or of the skyline. It stands
instead, as the mixture that it is, and what moves goes on under it in its own colours.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from livescape.imaging.morphology import dilate

Float32Image = NDArray[np.float32]
Mask = NDArray[np.bool_]

REACH = 3
"""Pixels searched for what each side looks like on its own."""

LEAST_KNOWN = 2.5
"""Pixels of a side, at least, that must tell its colour."""

MIXED = 0.2
"""Share of what stands above which a pixel stands."""

LEAST_DIFFERENCE = 0.06
"""Distance of the two colours, in display sRGB, below which nobody could tell."""


def standing_rim(image: Float32Image, moving: Mask, stands: Mask) -> Mask:
    """Return the moving pixels [H, W] that show some of what stands beside them.

    A pixel is taken to be a linear mixture, in display sRGB, of what both sides look like nearby.

    Args:
        image: [H, W, 3] display sRGB.
        moving: [H, W] what moves.
        stands: [H, W] what stands; the rest, a clear sky, does neither.
    """
    rim = moving & dilate(stands, 1)
    result = np.zeros_like(rim)
    if not rim.any():
        return result
    inner = moving & ~rim, stands & ~dilate(moving, 1)
    own, other, known = _sides(image, inner, rim)
    rows, columns = (index[known] for index in np.nonzero(rim))
    apart = other - own
    squared = (apart**2).sum(axis=-1)
    share = ((image[rows, columns] - own) * apart).sum(axis=-1) / np.maximum(squared, 1e-6)
    result[rows, columns] = (share > MIXED) & (squared > LEAST_DIFFERENCE**2)
    return result


def _sides(
    image: Float32Image, inner: tuple[Mask, Mask], rim: Mask
) -> tuple[Float32Image, Float32Image, NDArray[np.bool_]]:
    """Return what both sides of each pixel of the rim look like nearby, away from the line.

    Returns:
        Colours [K, 3] of either side, for the K of the M pixels for which both are known, and
        which these are [M].
    """
    rows, columns = np.nonzero(rim)
    around = ((REACH, REACH), (REACH, REACH))
    sides = [np.pad(side, around) for side in inner]
    colours = np.pad(image, (*around, (0, 0)))
    sums = np.zeros((2, len(rows), 3), np.float32)
    weights = np.zeros((2, len(rows)), np.float32)
    for down, right in np.ndindex(2 * REACH + 1, 2 * REACH + 1):
        at = rows + down, columns + right
        nearness = np.float32(1.0 / (1.0 + (down - REACH) ** 2 + (right - REACH) ** 2))
        for number, side in enumerate(sides):
            part = nearness * side[at]
            sums[number] += part[:, None] * colours[at]
            weights[number] += part
    known = np.asarray((weights > LEAST_KNOWN / (1.0 + 2 * REACH**2)).all(axis=0))
    means = sums[:, known] / weights[:, known, None]
    return means[0], means[1], known
