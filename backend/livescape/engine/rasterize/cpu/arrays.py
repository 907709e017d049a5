"""What kernels pass around: named groups of arrays, and their layout.

All arrays are C-contiguous and share one float dtype; N Gaussians, B cameras, V drawn splats,
M (splat, block) entries. Numba takes named tuples as they are.

A splat visits only the blocks its bounding box touches. Its parameters lie in one row of 16
numbers (a cache line of float32): mean, axes, opacity, then the blended features.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from livescape.engine.simd import Floats

BLOCK_WIDTH = 48
BLOCK_HEIGHT = 32
"""Pixels of a block: its blending state (about 50 kB at 3 channels) stays in the fastest caches."""

ROW_STRIDE = BLOCK_WIDTH + 16
"""Elements between planes of a block row: one vector may overrun the right edge."""

MEAN_X, MEAN_Y, ROOT_X, SHEAR, ROOT_Y, OPACITY, FEATURES = range(7)
"""Columns of a packed splat; the features are depth and then the colour channels.

The mean counts from the first pixel of the splat's box. The conic is kept as its Cholesky factor,
sigma = (ROOT_X dx + SHEAR dy)^2 + (ROOT_Y dy)^2: a sum of squares loses no digits in float32,
whereas the conic's own terms cancel where a splat is long and slanted.
"""

PACKED_COLUMNS = 16

SUM_1, SUM_X, SUM_Y, SUM_XX, SUM_XY, SUM_YY, SUM_FEATURES = range(7)
"""Columns of a gradient record: moments of dL/dsigma over a block, then feature gradients."""

COMPILED_CHANNELS = (3, 4, 7, 8)
"""Colour widths with kernels of their own; others are zero-padded to the next."""


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
    """[V, 16] parameters, see :data:`MEAN_X`."""
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


def compiled_features(channels: int) -> tuple[int, ...]:
    """A tuple as *long* as the features (depth and colours) of the kernel for `channels` colours.

    Numba sees a tuple's length as a constant of the type, so loops over it unroll.
    """
    return (0,) * (1 + next(width for width in COMPILED_CHANNELS if width >= channels))
