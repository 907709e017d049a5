"""View-dependent colour: real spherical harmonics in the order and sign of 3D Gaussian Splatting.

Colour in direction d = 0.5 + SH_C0 f_dc + sum_k c_k Y_k(d), k = 1 to 15 (Kerbl et al. 2023).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from livescape_shared.gaussians import Float32Array
from livescape_shared.rendering import SH_C1 as _C1
from livescape_shared.rendering import SH_C2 as _C2
from livescape_shared.rendering import SH_C3 as _C3

_SAMPLES = 64


def basis(directions: NDArray[np.float64], count: int) -> NDArray[np.float64]:
    """Return Y_1 to Y_count at unit ``directions`` [N, 3] as [N, count]; count 3, 8 or 15."""
    x, y, z = np.asarray(directions, dtype=np.float64).T
    xx, yy, zz = x * x, y * y, z * z
    values = [-_C1 * y, _C1 * z, -_C1 * x]
    values += [
        _C2[0] * x * y,
        -_C2[0] * y * z,
        _C2[1] * (3.0 * zz - 1.0),
        -_C2[0] * x * z,
        _C2[2] * (xx - yy),
        -_C3[0] * y * (3.0 * xx - yy),
        _C3[1] * x * y * z,
        -_C3[2] * y * (5.0 * zz - 1.0),
        _C3[3] * z * (5.0 * zz - 3.0),
        -_C3[2] * x * (5.0 * zz - 1.0),
        _C3[4] * z * (xx - yy),
        -_C3[0] * x * (xx - 3.0 * yy),
    ]
    return np.stack(values[:count], axis=1)


def turned(harmonics: Float32Array, rotation: NDArray[np.float64]) -> Float32Array:
    """Return coefficients [N, K, 3] of the same colours after the axes were turned.

    Each degree is closed under rotation and reflection, so solving for the coefficients at enough
    directions is exact.

    Args:
        harmonics: [N, K, 3].
        rotation: [3, 3] orthogonal; a direction d in the old axes is ``rotation @ d`` in the new.
    """
    count = harmonics.shape[1]
    directions = _spread_directions()
    before = basis(directions @ rotation, count)
    matrix = np.linalg.lstsq(basis(directions, count), before, rcond=None)[0]
    channels = harmonics.transpose(0, 2, 1).reshape(-1, count) @ matrix.T.astype(np.float32)
    return np.ascontiguousarray(channels.reshape(-1, 3, count).transpose(0, 2, 1))


def _spread_directions() -> NDArray[np.float64]:
    """Return unit vectors [64, 3] evenly spread over the sphere (Fibonacci's spiral)."""
    index = np.arange(_SAMPLES) + 0.5
    z = 1.0 - 2.0 * index / _SAMPLES
    angle = np.pi * (1.0 + 5.0**0.5) * index
    radius = np.sqrt(1.0 - z * z)
    return np.stack([radius * np.cos(angle), radius * np.sin(angle), z], axis=1)
