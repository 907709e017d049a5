"""The CPU form of :func:`livescape.engine.advect.displacements`: one trajectory at a time.

Same steps, interpolated; only the moments that are wanted are kept.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from livescape.engine.jit import exact_kernel
from livescape.engine.threads import PIECES, run_pieces

Float32Array = NDArray[np.float32]


def displacements_at(
    motion: NDArray[np.floating],
    steps: Iterable[int],
    positions: NDArray[np.floating],
    *,
    backward: bool = False,
) -> dict[int, Float32Array]:
    """Return the displacement [P, 2] after each of ``steps``, in pixels.

    Args:
        motion: [H, W, 2] pixels per frame.
        steps: Numbers of frames.
        positions: [P, 2] where trajectories start.
        backward: Integrate -M.
    """
    wanted = np.array(sorted(set(steps)), dtype=np.int64)
    found = np.zeros((len(wanted), len(positions), 2), np.float32)
    start = np.ascontiguousarray(positions, dtype=np.float32)
    field = np.ascontiguousarray(-motion if backward else motion, dtype=np.float32)
    run_pieces(_carry, PIECES, start, field, wanted, found)
    return dict(zip(wanted.tolist(), found, strict=True))


@exact_kernel
def _carry(
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
