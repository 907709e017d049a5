"""Eulerian integration on the CPU, one trajectory at a time; only requested steps are kept."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from livescape.engine.jit import exact_helper, exact_kernel
from livescape.engine.threads import PIECES, run_pieces
from livescape_shared.camera import Camera

Float32Array = NDArray[np.float32]

NEAR = 1e-3
"""Depth in metres below which a point counts as behind the camera."""


def displacements_at(
    motion: NDArray[np.floating],
    steps: Iterable[int],
    positions: NDArray[np.floating],
    backward: bool,
) -> dict[int, Float32Array]:
    """See :func:`livescape.engine.advect.displacements_at`."""
    wanted = np.array(sorted(set(steps)), dtype=np.int64)
    found = np.zeros((len(wanted), len(positions), 2), np.float32)
    start = np.ascontiguousarray(positions, dtype=np.float32)
    field = np.ascontiguousarray(-motion if backward else motion, dtype=np.float32)
    run_pieces(_carry_2d, PIECES, start, field, wanted, found)
    return dict(zip(wanted.tolist(), found, strict=True))


def integrate_3d(
    means: NDArray[np.floating], motion: NDArray[np.floating], camera: Camera, steps: int
) -> Float32Array:
    """See :func:`livescape.engine.advect.integrate_3d`."""
    positions = np.empty((2 * steps + 1, len(means), 3), np.float32)
    positions[steps] = means
    projection = camera.K @ camera.viewmat[:3]
    field = np.ascontiguousarray(motion, dtype=np.float32)
    run_pieces(_carry_3d, PIECES, positions, field, projection, steps)
    return positions


@exact_kernel
def _carry_2d(
    piece: int,
    pieces: int,
    start: Float32Array,
    field: Float32Array,
    wanted: NDArray[np.int64],
    found: Float32Array,
) -> None:
    height, width = field.shape[:2]
    count = len(start)
    for point in range(piece * count // pieces, (piece + 1) * count // pieces):
        x0, y0 = start[point, 0] - 0.5, start[point, 1] - 0.5
        x, y = x0, y0
        step = 0
        for k in range(len(wanted)):
            while step < wanted[k]:
                u, v = min(max(x, 0.0), width - 1.0), min(max(y, 0.0), height - 1.0)
                left, top = int(u), int(v)
                right, bottom = min(left + 1, width - 1), min(top + 1, height - 1)
                a, b = u - left, v - top
                p, q = (1 - a) * (1 - b), a * (1 - b)
                r, s = (1 - a) * b, a * b
                x += p * field[top, left, 0] + q * field[top, right, 0]
                x += r * field[bottom, left, 0] + s * field[bottom, right, 0]
                y += p * field[top, left, 1] + q * field[top, right, 1]
                y += r * field[bottom, left, 1] + s * field[bottom, right, 1]
                step += 1
            found[k, point, 0] = x - x0
            found[k, point, 1] = y - y0


@exact_kernel
def _carry_3d(
    piece: int,
    pieces: int,
    positions: Float32Array,
    field: Float32Array,
    projection: NDArray[np.float64],
    steps: int,
) -> None:
    """Fill ``positions`` from its middle row outward."""
    height, width = field.shape[:2]
    # Tuples stay in registers; the array would be read again after every write to positions.
    U, V, W = _row(projection, 0), _row(projection, 1), _row(projection, 2)
    count = positions.shape[1]
    for point in range(piece * count // pieces, (piece + 1) * count // pieces):
        for sign in (1, -1):
            x, y, z = positions[steps, point]
            for step in range(1, steps + 1):
                depth = W[0] * x + W[1] * y + W[2] * z + W[3]
                if depth > NEAR:
                    u = (U[0] * x + U[1] * y + U[2] * z + U[3]) / depth - 0.5
                    v = (V[0] * x + V[1] * y + V[2] * z + V[3]) / depth - 0.5
                    u, v = min(max(u, 0.0), width - 1.0), min(max(v, 0.0), height - 1.0)
                    left, top = int(u), int(v)
                    right, bottom = min(left + 1, width - 1), min(top + 1, height - 1)
                    a, b = u - left, v - top
                    p, q = field[top, left], field[top, right]
                    r, s = field[bottom, left], field[bottom, right]
                    wp, wq = sign * (1 - a) * (1 - b), sign * a * (1 - b)
                    wr, ws = sign * (1 - a) * b, sign * a * b
                    x += wp * p[0] + wq * q[0] + wr * r[0] + ws * s[0]
                    y += wp * p[1] + wq * q[1] + wr * r[1] + ws * s[1]
                    z += wp * p[2] + wq * q[2] + wr * r[2] + ws * s[2]
                row = steps + sign * step
                positions[row, point, 0] = x
                positions[row, point, 1] = y
                positions[row, point, 2] = z


@exact_helper
def _row(matrix: NDArray[np.float64], row: int) -> tuple[float, float, float, float]:
    return matrix[row, 0], matrix[row, 1], matrix[row, 2], matrix[row, 3]
