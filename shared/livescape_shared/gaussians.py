"""Gaussians as plain numpy records: the type exchanged between all parts.

Units and axis order: see :mod:`livescape_shared.conventions`.
"""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

Float32Array = NDArray[np.float32]


def as_float32(values: object, shape_tail: tuple[int, ...], name: str) -> Float32Array:
    """Return ``values`` as a C-contiguous float32 array [N, *shape_tail].

    Raises:
        ValueError: If the shape differs; the message names the array and both shapes.
    """
    array = np.ascontiguousarray(values, dtype=np.float32)
    if array.ndim != 1 + len(shape_tail) or array.shape[1:] != shape_tail:
        expected = ", ".join(["N", *map(str, shape_tail)])
        message = f"{name} has shape {array.shape}, expected ({expected})"
        raise ValueError(message)
    return array


@dataclass(frozen=True)
class Gaussians:
    """A set of 3D Gaussians.

    Attributes:
        means: [N, 3] metres, world axes.
        quats: [N, 4] unit, w x y z.
        scales: [N, 3] linear standard deviations, metres.
        opacities: [N] 0..1.
        colors: [N, 3] display-referred sRGB 0..1.
    """

    means: Float32Array
    quats: Float32Array
    scales: Float32Array
    opacities: Float32Array
    colors: Float32Array

    def __post_init__(self) -> None:
        """Coerce to contiguous float32 and check shapes."""
        tails = {"means": (3,), "quats": (4,), "scales": (3,), "opacities": (), "colors": (3,)}
        for name, tail in tails.items():
            object.__setattr__(self, name, as_float32(getattr(self, name), tail, name))
        counts = {field.name: len(getattr(self, field.name)) for field in fields(self)}
        if len(set(counts.values())) != 1:
            message = f"arrays of one set differ in length: {counts}"
            raise ValueError(message)

    def __len__(self) -> int:
        """Return N."""
        return len(self.means)

    def __getitem__(self, index: object) -> Gaussians:
        """Return the subset selected by a slice, mask or index array."""
        return Gaussians(*(getattr(self, field.name)[index] for field in fields(self)))

    @classmethod
    def empty(cls) -> Gaussians:
        """Return a set of zero Gaussians."""
        shapes = ((0, 3), (0, 4), (0, 3), (0,), (0, 3))
        return cls(*(np.zeros(shape, dtype=np.float32) for shape in shapes))

    @classmethod
    def concatenate(cls, *parts: Gaussians) -> Gaussians:
        """Return all parts concatenated."""
        return cls(
            *(np.concatenate([getattr(p, field.name) for p in parts]) for field in fields(cls))
        )


@dataclass(frozen=True)
class GaussianFrame:
    """Where the moving Gaussians are at one loop frame; opacity and colour do not change.

    Attributes:
        index: Loop frame, 0..loop_frames (the last equals the first and closes the loop).
        means: [M, 3]. quats: [M, 4]. scales: [M, 3]. As in :class:`Gaussians`.
    """

    index: int
    means: Float32Array
    quats: Float32Array
    scales: Float32Array

    def __post_init__(self) -> None:
        """Coerce to contiguous float32 and check shapes."""
        for name, tail in {"means": (3,), "quats": (4,), "scales": (3,)}.items():
            object.__setattr__(self, name, as_float32(getattr(self, name), tail, name))
        if not len(self.means) == len(self.quats) == len(self.scales):
            message = "means, quats and scales of one frame differ in length"
            raise ValueError(message)


def rotation_matrices(quats: Float32Array) -> Float32Array:
    """Return [N, 3, 3] rotation matrices of quaternions [N, 4] (w x y z, any norm)."""
    w, x, y, z = (quats / np.linalg.norm(quats, axis=1, keepdims=True)).T
    rows = [
        [1 - 2 * (y * y + z * z), 2 * (x * y - w * z), 2 * (x * z + w * y)],
        [2 * (x * y + w * z), 1 - 2 * (x * x + z * z), 2 * (y * z - w * x)],
        [2 * (x * z - w * y), 2 * (y * z + w * x), 1 - 2 * (x * x + y * y)],
    ]
    return np.moveaxis(np.array(rows, dtype=np.float32), 2, 0)


def control_points(means: Float32Array, quats: Float32Array, scales: Float32Array) -> Float32Array:
    """Return [N, 4, 3]: mean, mean + s0 r0, mean + s1 r1, mean + s2 r2.

    ``r_k`` is column k of the rotation, so these four positions carry mean and covariance.
    """
    axes = rotation_matrices(quats) * scales[:, None, :]  # [N, 3, 3], column k = s_k r_k
    points = np.empty((len(means), 4, 3), dtype=np.float32)
    points[:, 0] = means
    points[:, 1:] = means[:, None, :] + np.swapaxes(axes, 1, 2)
    return points
