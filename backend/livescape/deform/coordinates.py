"""Positions of Gaussians as seen by a viewer: azimuth, elevation and logarithm of distance.

A landscape in metres leaves most of a regular grid empty: the sky's shell fills the box and the
water only a corner of it. Seen from the reference camera, both spread like the photo's pixels.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Float32Array = NDArray[np.float32]

_LEAST = 1e-6


def view_coordinates(means: Float32Array, eye: Float32Array) -> Float32Array:
    """Return [M, 3] in -1..1, spanning the box of these Gaussians.

    Args:
        means: [M, 3] world, Z up.
        eye: [3] the reference camera's position.
    """
    if means.shape[1:] != (3,):
        raise ValueError(f"means are [M, 3], not {means.shape}")
    if not len(means):
        return np.zeros((0, 3), np.float32)
    offset = (means - eye).astype(np.float64)
    distance = np.maximum(np.linalg.norm(offset, axis=1), _LEAST)
    x, y, z = (offset / distance[:, None]).T
    ahead = np.arctan2(x.sum(), y.sum())  # azimuths start here, so that none wraps in view
    azimuth = np.remainder(np.arctan2(x, y) - ahead + np.pi, 2 * np.pi) - np.pi
    view = np.column_stack([azimuth, np.arcsin(np.clip(z, -1.0, 1.0)), np.log(distance)])
    low, high = view.min(axis=0), view.max(axis=0)
    box = 2.0 * (view - low) / np.maximum(high - low, _LEAST) - 1.0
    return np.asarray(box, dtype=np.float32)
