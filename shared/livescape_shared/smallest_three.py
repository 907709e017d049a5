"""Rotations whose largest component is not stored: it follows from the three others."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from livescape_shared.gaussians import Float32Array

OTHERS = np.array([[1, 2, 3], [0, 2, 3], [0, 1, 3], [0, 1, 2]])
"""[4, 3] the components that are stored, by the number of the one that is not."""


def whole_rotations(small: Float32Array, hidden: NDArray[np.intp]) -> Float32Array:
    """Return quaternions [N, 4], w x y z, of unit length.

    Args:
        small: [N, 3] the components that are stored.
        hidden: [N] which one is not; it is positive.
    """
    rows = np.arange(len(small))
    quats = np.empty((len(small), 4), dtype=np.float32)
    quats[rows[:, None], OTHERS[hidden]] = small
    quats[rows, hidden] = np.sqrt(np.maximum(1.0 - np.sum(small * small, axis=1), 0.0))
    return np.asarray(quats / np.linalg.norm(quats, axis=1, keepdims=True), dtype=np.float32)
