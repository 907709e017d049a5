"""Small vector algebra on tuples for the projection kernels, always in double.

Numba's `float` leaves a float32 as it is; `np.float64` is what makes a double of it.
"""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np

from livescape.engine.jit import helper

Row = tuple[float, float, float]
Rows = tuple[Row, Row, Row]
Quaternion = tuple[float, float, float, float]


class Pinhole(NamedTuple):
    """One camera: rotation rows, translation, focal lengths and centre in pixels."""

    rotation: Rows
    translation: Row
    fx: float
    fy: float
    cx: float
    cy: float


@helper
def row3(array: Any, i: int) -> Row:
    """Row `i` of a matrix with at least three columns."""
    return (np.float64(array[i, 0]), np.float64(array[i, 1]), np.float64(array[i, 2]))


@helper
def pinhole(view: Any, K: Any) -> Pinhole:
    """Read a 4x4 world-to-camera matrix and 3x3 intrinsics."""
    rotation = (row3(view, 0), row3(view, 1), row3(view, 2))
    translation = (np.float64(view[0, 3]), np.float64(view[1, 3]), np.float64(view[2, 3]))
    fx, fy, cx, cy = (
        np.float64(K[0, 0]),
        np.float64(K[1, 1]),
        np.float64(K[0, 2]),
        np.float64(K[1, 2]),
    )
    return Pinhole(rotation, translation, fx, fy, cx, cy)


@helper
def dot(u: Row, v: Row) -> float:
    """Inner product."""
    return u[0] * v[0] + u[1] * v[1] + u[2] * v[2]


@helper
def combine(a: float, u: Row, b: float, v: Row) -> Row:
    """A u + b v."""
    return (a * u[0] + b * v[0], a * u[1] + b * v[1], a * u[2] + b * v[2])


@helper
def scaled(u: Row, v: Row) -> Row:
    """Element-wise product."""
    return (u[0] * v[0], u[1] * v[1], u[2] * v[2])


@helper
def row_times(u: Row, rows: Rows) -> Row:
    """Row vector times matrix."""
    x, y, z = u
    r0, r1, r2 = rows
    return (
        x * r0[0] + y * r1[0] + z * r2[0],
        x * r0[1] + y * r1[1] + z * r2[1],
        x * r0[2] + y * r1[2] + z * r2[2],
    )


@helper
def transposed(rows: Rows) -> Rows:
    """Matrix transpose."""
    r0, r1, r2 = rows
    return ((r0[0], r1[0], r2[0]), (r0[1], r1[1], r2[1]), (r0[2], r1[2], r2[2]))


@helper
def unit_quaternion(quats: Any, g: int) -> tuple[Quaternion, float]:
    """Row `g` normalised, and its length."""
    w, x, y, z = (
        np.float64(quats[g, 0]),
        np.float64(quats[g, 1]),
        np.float64(quats[g, 2]),
        np.float64(quats[g, 3]),
    )
    norm = math.sqrt(w * w + x * x + y * y + z * z)
    inverse = 1.0 / norm
    return (w * inverse, x * inverse, y * inverse, z * inverse), norm


@helper
def rotation_rows(q: Quaternion) -> Rows:
    """Rows of the rotation matrix of a unit quaternion."""
    w, x, y, z = q
    return (
        (1.0 - 2.0 * (y * y + z * z), 2.0 * (x * y - w * z), 2.0 * (x * z + w * y)),
        (2.0 * (x * y + w * z), 1.0 - 2.0 * (x * x + z * z), 2.0 * (y * z - w * x)),
        (2.0 * (x * z - w * y), 2.0 * (y * z + w * x), 1.0 - 2.0 * (x * x + y * y)),
    )
