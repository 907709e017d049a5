"""The groups of arrays that kernels pass around; Numba takes named tuples as they are.

All arrays are C-contiguous and share one float dtype; N Gaussians, B cameras, V drawn splats,
M (splat, block) entries.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[Any]


class GaussianArrays(NamedTuple):
    """3D Gaussians, or their gradients."""

    means: Floats
    """[N, 3] metres."""
    quats: Floats
    """[N, 4] w, x, y, z."""
    scales: Floats
    """[N, 3] metres."""
    opacities: Floats
    """[N]."""


class CameraArrays(NamedTuple):
    """Cameras and how to project."""

    viewmats: Floats
    """[B, 4, 4]."""
    Ks: Floats
    """[B, 3, 3]."""
    width: int
    height: int
    near: float
    eps2d: float
    antialiased: bool


class SplatArrays(NamedTuple):
    """2D splats, or their gradients: [B, N, ...], or [N, ...] for one camera."""

    means2d: Floats
    """[..., 2] pixels."""
    depths: Floats
    """[...] metres."""
    conics: Floats
    """[..., 3] inverse covariance a, b, c."""
    opacities: Floats
    """[...]."""


class Bins(NamedTuple):
    """One camera's drawn splats in depth order, and the block lists that refer to them."""

    order: NDArray[np.int32]
    """[V] index of the Gaussian each packed splat came from."""
    packed: Floats
    """[V, 16] parameters, see `layout`."""
    boxes: NDArray[np.int32]
    """[V, 4] pixel boxes x0, x1, y0, y1."""
    starts: NDArray[np.int64]
    """[blocks + 1] first entry of each block's list."""
    entries: NDArray[np.int32]
    """[M] packed index of each list entry."""
    first_slot: NDArray[np.int64]
    """[V + 1] first of each splat's gradient records, which lie together."""
    slots: NDArray[np.int32]
    """[M] gradient record of each list entry."""


class Images(NamedTuple):
    """One camera's images, or their gradients."""

    colors: Floats
    """[H, W, C]."""
    depths: Floats
    """[H, W] accumulated."""
    alphas: Floats
    """[H, W]."""


class Window(NamedTuple):
    """An image block: its first pixel and its size inside the image."""

    x0: int
    y0: int
    columns: int
    rows: int
