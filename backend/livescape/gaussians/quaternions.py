"""Rotation matrices to quaternions; the other way is in :mod:`livescape_shared.gaussians`."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Float32Array = NDArray[np.float32]


def matrices_to_quats(matrices: NDArray[np.float64]) -> Float32Array:
    """Return unit quaternions [N, 4] (w x y z) of rotations [N, 3, 3] (Shepperd's method)."""
    m = matrices
    diagonal = np.stack([m[:, 0, 0], m[:, 1, 1], m[:, 2, 2]], axis=1)
    trace = diagonal.sum(axis=1, keepdims=True)
    weights = np.concatenate([trace, diagonal], axis=1)
    largest = np.argmax(weights, axis=1)
    skew = [m[:, 2, 1] - m[:, 1, 2], m[:, 0, 2] - m[:, 2, 0], m[:, 1, 0] - m[:, 0, 1]]
    sums = {(0, 1): m[:, 0, 1] + m[:, 1, 0], (0, 2): m[:, 0, 2] + m[:, 2, 0],
            (1, 2): m[:, 1, 2] + m[:, 2, 1]}  # fmt: skip
    candidates = np.empty((4, len(m), 4))
    candidates[0] = np.column_stack([1.0 + trace[:, 0], *skew])
    for axis in range(3):
        row = [skew[axis]]
        for other in range(3):
            same = 1.0 + 2.0 * diagonal[:, axis] - trace[:, 0]
            row.append(same if other == axis else sums[min(axis, other), max(axis, other)])
        candidates[1 + axis] = np.column_stack(row)
    chosen = candidates[largest, np.arange(len(m))]
    unit = chosen / np.linalg.norm(chosen, axis=1, keepdims=True)
    return np.asarray(unit, dtype=np.float32)
