"""Filling that continues slopes: a plane stays exactly a plane, however far it is continued.

Moving least squares (Lancaster & Salkauskas 1981) whose windows are those of push-pull: the
moments of an affine fit are averaged over ever wider areas, and every pixel solves its own.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from livescape.imaging.smoothing import Floats, push_pull

Float32Image = NDArray[np.float32]
Mask = NDArray[np.bool_]

GAIN = 2.0
"""How much what is near outweighs what is farther (:func:`push_pull`). With 1, a fall beside a pool
bent the water under the pool's rocks by three rows of it; with 4, too few pixels tell a slope."""

RIDGE = 0.25
"""Square pixels; slopes fade out where the known pixels within reach spread over less."""


def fill_planar(values: Float32Image, valid: Mask) -> Float32Image:
    """Return [H, W] with invalid pixels filled by affine continuation of the valid ones.

    Where no pixel is valid there is nothing to continue, and the result is 0.
    """
    rows, columns = np.indices(values.shape, dtype=np.float64)
    rows, columns = rows - rows.mean(), columns - columns.mean()
    known = np.where(valid, values, 0.0).astype(np.float64)
    space = (columns, rows, columns**2, columns * rows, rows**2)
    moments = np.stack([*space, known, columns * known, rows * known], axis=-1)
    weights = valid.astype(np.float64)
    averages = push_pull(moments * weights[..., None], weights, gain=GAIN)
    filled = _evaluated(np.moveaxis(averages, -1, 0), columns, rows)
    return np.where(valid, values, filled).astype(np.float32)


def _evaluated(means: Floats, x: Floats, y: Floats) -> Floats:
    """Return every pixel's affine fit, by its averaged moments [8, H, W], at its own place."""
    mx, my, mxx, mxy, myy, mv, mxv, myv = means
    xx, xy, yy = mxx - mx * mx + RIDGE, mxy - mx * my, myy - my * my + RIDGE
    xv, yv = mxv - mx * mv, myv - my * mv
    determinant = xx * yy - xy * xy
    slope_x = (xv * yy - yv * xy) / determinant
    slope_y = (yv * xx - xv * xy) / determinant
    return np.asarray(mv + slope_x * (x - mx) + slope_y * (y - my))
