"""Positions far from the origin, as in map coordinates, brought to where single precision holds."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from livescape_shared.gaussians import Float32Array

Offset = tuple[float, float, float]

NO_OFFSET: Offset = (0.0, 0.0, 0.0)

_COARSEST = 0.01
"""Step of single precision at the middle of a scene, relative to the extent of its typical
Gaussian, up to which positions stay as they are."""

_STEPS = 2.0**23


def recentred(
    positions: NDArray[np.floating], scales: NDArray[np.floating]
) -> tuple[Float32Array, Offset]:
    """Return positions in single precision, and what was taken from them for it.

    Nothing is taken unless single precision would be too coarse for the Gaussians there. What is
    taken is whole: someone may have to type it.

    Args:
        positions: [N, 3] in the precision of the file.
        scales: [N, 3] standard deviations.
    """
    sound = np.isfinite(positions).all(axis=1) & np.isfinite(scales).all(axis=1)
    if not sound.any():
        return positions.astype(np.float32), NO_OFFSET
    middle = np.median(positions[sound].astype(np.float64), axis=0)
    extent = float(np.median(scales[sound].max(axis=1)))
    if float(np.abs(middle).max()) / _STEPS <= _COARSEST * extent:
        return positions.astype(np.float32), NO_OFFSET
    offset = np.rint(middle)
    x, y, z = (float(value) for value in offset)
    return (positions - offset).astype(np.float32), (x, y, z)
