"""Two similar neighbouring Gaussians become one.

Neighbours are found by sorting, not by searching: along a Morton curve (Morton 1966) through
image position and depth, next in order is nearly always next in space. Linear memory,
N log N time, the same pairs for the same input.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from livescape_shared.covariance import principal_axes
from livescape_shared.gaussians import Gaussians, rotation_matrices

Float32Array = NDArray[np.float32]
Float64Array = NDArray[np.float64]
Indices = NDArray[np.int64]

SPREAD = 3.0
"""Weight of the distance between two means in the merged covariance. Our Gaussians are three
times as wide (in variance) as the uniform patch they represent; this keeps the merged one so."""

MAX_COLOR = 0.1
"""Largest difference of display colours, per channel, of two that may merge."""

MAX_OPACITY = 0.3
MIN_ALIGNED = 0.7
"""Least cosine between two normals."""

MAX_OFFSET = 0.8
"""Largest distance of one mean from the other's plane, in units of their mean size."""

MAX_DISTANCE = 3.2
"""Largest distance of two means in units of their mean size; neighbouring cells are 2 apart."""

MAX_RATIO = 2.5
"""Largest ratio of two sizes."""

LEAST_SCALE = np.float32(1e-9)
"""Metres; two coincident points would otherwise merge into one without extent."""

_BITS = 20


def morton_order(places: Float64Array, groups: NDArray[np.integer]) -> Indices:
    """Return the order [N] along the Morton curve through ``places``, one group after another.

    Args:
        places: [N, 3] in units in which one is about a neighbour's distance.
        groups: [N] whole numbers.
    """
    low = places.min(axis=0, initial=0.0)
    cells = np.clip(places - low, 0.0, 2.0**_BITS - 1.0).astype(np.uint64)
    code = np.zeros(len(places), dtype=np.uint64)
    for bit in range(_BITS):
        for axis in range(3):
            digit = (cells[:, axis] >> np.uint64(bit)) & np.uint64(1)
            code |= digit << np.uint64(3 * bit + axis)
    return np.lexsort((code, groups)).astype(np.int64)


def mergeable_pairs(
    gaussians: Gaussians, places: Float64Array, groups: NDArray[np.integer], shift: int
) -> tuple[Indices, Float32Array]:
    """Return disjoint pairs [P, 2] that may become one, and what each merge costs [P].

    The cost is the squared difference of the colours: what the picture loses per pixel.

    Args:
        gaussians: N Gaussians, flat along their shortest axis.
        places: See :func:`morton_order`.
        groups: [N]; only Gaussians of one group merge.
        shift: 0 or 1, which of the two pairings along the curve.
    """
    order = morton_order(places, groups)[shift:]
    pairs = order[: len(order) // 2 * 2].reshape(-1, 2)
    pairs = pairs[_similar(gaussians, pairs) & (groups[pairs[:, 0]] == groups[pairs[:, 1]])]
    difference = gaussians.colors[pairs[:, 0]] - gaussians.colors[pairs[:, 1]]
    return pairs, (difference**2).sum(axis=1)


def _similar(gaussians: Gaussians, pairs: Indices) -> NDArray[np.bool_]:
    """Return which pairs are near, coplanar and similar in size, colour and opacity."""
    a, b = gaussians[pairs[:, 0]], gaussians[pairs[:, 1]]
    sizes = np.stack([_size(a), _size(b)])
    size = sizes.mean(axis=0)
    apart = b.means - a.means
    normal_a, normal_b = _normals(a), _normals(b)
    offset = np.maximum(
        np.abs((apart * normal_a).sum(axis=1)), np.abs((apart * normal_b).sum(axis=1))
    )
    near = np.linalg.norm(apart, axis=1) < MAX_DISTANCE * size
    flat = np.abs((normal_a * normal_b).sum(axis=1)) > MIN_ALIGNED
    color = np.abs(a.colors - b.colors).max(axis=1) < MAX_COLOR
    opacity = np.abs(a.opacities - b.opacities) < MAX_OPACITY
    scale = sizes.max(axis=0) < MAX_RATIO * sizes.min(axis=0)
    return np.asarray(near & flat & (offset < MAX_OFFSET * size) & color & opacity & scale)


def merged(gaussians: Gaussians, pairs: Indices) -> Gaussians:
    """Return one Gaussian per pair, by the moments of the two patches they stand for."""
    a, b = gaussians[pairs[:, 0]], gaussians[pairs[:, 1]]
    area = np.stack([_size(a) ** 2 * a.opacities, _size(b) ** 2 * b.opacities]).astype(np.float64)
    share = (area / np.maximum(area.sum(axis=0), 1e-30))[..., None]
    mean = share[0] * a.means + share[1] * b.means
    covariance = np.zeros((len(pairs), 3, 3))
    for part, weight in zip((a, b), share, strict=True):
        axes = rotation_matrices(part.quats) * part.scales[:, None, :]
        away = part.means - mean
        spread = axes @ axes.transpose(0, 2, 1) + SPREAD * away[:, :, None] * away[:, None, :]
        covariance += weight[..., None] * spread
    quats, scales = principal_axes(covariance)
    return Gaussians(
        means=mean.astype(np.float32),
        quats=quats,
        scales=np.maximum(scales, LEAST_SCALE),
        opacities=(share[0, :, 0] * a.opacities + share[1, :, 0] * b.opacities).astype(np.float32),
        colors=(share[0] * a.colors + share[1] * b.colors).astype(np.float32),
    )


def _size(gaussians: Gaussians) -> Float32Array:
    """Return [N] the geometric mean of the two longer axes in metres."""
    ordered = np.sort(gaussians.scales, axis=1)
    return np.asarray(np.sqrt(ordered[:, 1] * ordered[:, 2]))


def _normals(gaussians: Gaussians) -> Float32Array:
    """Return unit vectors [N, 3] along the shortest axes."""
    axes = rotation_matrices(gaussians.quats)
    shortest = np.argmin(gaussians.scales, axis=1)
    return np.asarray(np.take_along_axis(axes, shortest[:, None, None], axis=2)[..., 0])
