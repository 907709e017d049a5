"""Cells to Gaussians: flat discs in the surface, as wide as the cell looks in the photo."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from livescape.cameras.projection import unproject_image
from livescape.imaging.smoothing import fill_smooth
from livescape.points.layers import MOVES, Layer, LayeredPhoto
from livescape.points.quadtree import Cells
from livescape_shared.camera import Camera
from livescape_shared.covariance import principal_axes
from livescape_shared.gaussians import Gaussians, rotation_matrices

Float32Array = NDArray[np.float32]

SPREAD = 0.5
"""Standard deviation of a Gaussian in cell widths: neighbours then sum to an even surface."""

MAX_STRETCH = 5.0
"""Longest tangent in pixel footprints where the surface is uneven."""

STEADY_STRETCH = 40.0
"""The same where both neighbours agree on the slope: a plane seen at a grazing angle needs long
discs, or it falls apart into stripes when it is seen from higher above."""

STEADY, STEADY_COSINE = 1.5, 0.95
"""Ratio of the distances to both neighbours up to which they agree, and how much one way they lie.
"""

LYING_STRETCH = 20.0
"""Longest tangent in pixel footprints of a surface that can hold its discs. Seen at a more grazing
angle, discs that may not tilt leave gaps between their rows: the water at the horizon."""

THICKNESS = 0.15
INITIAL_OPACITY = 0.9


def surface_tangents(
    depth: Float32Array, valid: NDArray[np.bool_], camera: Camera
) -> tuple[Float32Array, Float32Array]:
    """Return how a surface point moves per pixel right and per pixel down, each [H, W, 3].

    The shorter of the two one-sided differences is taken, so that no tangent spans an edge.
    """
    footprint = depth / np.float32(camera.K[0, 0])
    axes = camera.viewmat[:2, :3].astype(np.float32)  # camera x and y in world axes
    left, top, width, height = cv2.boundingRect(valid.astype(np.uint8))
    part = slice(top, top + height), slice(left, left + width)
    points = unproject_image(depth, camera, part)
    tangents = []
    for axis, level in zip((1, 0), axes, strict=True):
        tangent = np.asarray(level * footprint[..., None], dtype=np.float32)
        if width and height:
            tangent[part] = _bounded(
                *_shorter_difference(points, valid[part], axis), footprint[part], tangent[part]
            )
        tangents.append(tangent)
    return tangents[0], tangents[1]


def surface_normals(photo: LayeredPhoto, of: NDArray[np.bool_] | None = None) -> Float32Array:
    """Return unit normals [M, 3] in point-cloud order; the sky's is the line of sight.

    Args:
        photo: Its layers have N points.
        of: [N] the M points whose normals are returned; all if None.
    """
    ends = np.cumsum([np.count_nonzero(layer.valid) for layer in photo.layers])
    chosen = np.ones(ends[-1], bool) if of is None else of
    parts = [np.empty((0, 3), np.float32)]
    for layer, own in zip(photo.layers, np.split(chosen, ends[:-1]), strict=True):
        if not own.any():
            continue
        if layer.name == "sky":
            eye = photo.camera.position.astype(np.float32)
            across = unproject_image(layer.depth, photo.camera) - eye
        else:
            across = _across(layer, photo.camera)
        parts.append(across[layer.valid][own])
    normals = np.concatenate(parts)
    length = np.linalg.norm(normals, axis=1, keepdims=True)
    return np.asarray(normals / np.maximum(length, 1e-12), dtype=np.float32)


def _across(layer: Layer, camera: Camera) -> Float32Array:
    """Return normals [H, W, 3] of any length; none is measured from water to what stands in it."""
    moves = layer.valid & (layer.moving > MOVES)
    still = np.cross(*surface_tangents(layer.depth, layer.valid & ~moves, camera))
    if not moves.any():
        return np.asarray(still)
    flowing = np.cross(*surface_tangents(layer.depth, moves, camera))
    flowing /= np.maximum(np.linalg.norm(flowing, axis=-1, keepdims=True), 1e-12)
    whole = moves & _beside(moves, axis=0) & _beside(moves, axis=1)
    if whole.any():
        # A strip of one row between two rocks does not tell how it lies; the water around does.
        flowing = fill_smooth(flowing.astype(np.float32), whole)
    return np.where(moves[..., None], flowing, still)


def _beside(region: NDArray[np.bool_], axis: int) -> NDArray[np.bool_]:
    """Return the pixels [H, W] that have a neighbour in ``region`` along an axis."""
    padded = np.pad(region, [(1, 1) if each == axis else (0, 0) for each in (0, 1)])
    size = region.shape[axis]
    return np.take(padded, range(size), axis) | np.take(padded, range(2, size + 2), axis)


def _shorter_difference(
    points: Float32Array, valid: NDArray[np.bool_], axis: int
) -> tuple[Float32Array, Float32Array, Float32Array]:
    """Return the shorter way to a neighbour [H, W, 3], its length and its most footprints [H, W].

    Where there is no neighbour its length is infinite.
    """
    size = valid.shape[axis]
    first, last = _along(axis, 0, size - 1), _along(axis, 1, size)
    step = np.diff(points, axis=axis)
    length = np.where(valid[first] & valid[last], _length(step), np.inf).astype(np.float32)
    ahead, back = (np.full(valid.shape, np.inf, np.float32) for _ in range(2))
    ahead[first], back[last] = length, length
    # Both ways are there but at the ends of the grid.
    before, after = step[_along(axis, 0, size - 2)], step[_along(axis, 1, size - 1)]
    one, other = back[_along(axis, 1, size - 1)], ahead[_along(axis, 1, size - 1)]
    shorter, longer = np.minimum(one, other), np.maximum(one, other)
    steady = np.isfinite(longer)
    with np.errstate(invalid="ignore"):
        steady &= _dot(before, after) > STEADY_COSINE * other * one
        steady &= longer <= STEADY * shorter
    most = np.full(valid.shape, MAX_STRETCH, np.float32)
    most[_along(axis, 1, size - 1)][steady] = STEADY_STRETCH
    chosen = np.empty_like(points)
    chosen[last] = step
    chosen[first] = np.where((ahead <= back)[first][..., None], step, chosen[first])
    return chosen, np.minimum(ahead, back), most


def _along(axis: int, first: int, last: int) -> tuple[slice, ...]:
    """Return what takes the rows or columns from ``first`` to before ``last``."""
    return (slice(None),) * axis + (slice(first, last),)


def _dot(first: Float32Array, second: Float32Array) -> Float32Array:
    """Return the scalar products [...] of vectors [..., 3]; a sum over an axis of three is slow."""
    product = first * second
    return np.asarray(product[..., 0] + product[..., 1] + product[..., 2])


def _length(vectors: Float32Array) -> Float32Array:
    """Return the lengths [...] of vectors [..., 3]."""
    return np.sqrt(_dot(vectors, vectors))


def _bounded(
    tangent: Float32Array,
    length: Float32Array,
    most: Float32Array,
    footprint: Float32Array,
    level: Float32Array,
) -> Float32Array:
    """Return ``level`` where a tangent is missing, and shorten those that are too long."""
    factor = np.minimum(1.0, most * footprint / np.maximum(length, 1e-12))
    return np.where(np.isfinite(length)[..., None], tangent * factor[..., None], level)


def cell_gaussians(
    layer: Layer,
    cells: Cells,
    camera: Camera,
    spread: float = SPREAD,
    opacity: float | Float32Array = INITIAL_OPACITY,
) -> Gaussians:
    """Return one Gaussian per cell of ``layer``, whose grid ``camera`` sees.

    Args:
        layer: What they cover.
        cells: Where.
        camera: Sees the layer's grid.
        spread: Standard deviation in cell widths.
        opacity: Of all, or of each [K].
    """
    columns, rows, size = cells.column, cells.row, cells.size
    right, down = surface_tangents(layer.depth, layer.valid, camera)
    middle = (
        np.minimum(rows + size // 2, layer.depth.shape[0] - 1),
        np.minimum(columns + size // 2, layer.depth.shape[1] - 1),
    )
    disparity = cell_means(1.0 / layer.depth, cells)
    centre = np.column_stack([columns, rows]) + 0.5 * size[:, None]
    rays = np.column_stack([centre, np.ones(len(cells))]) @ np.linalg.inv(camera.K).T
    means = (rays / disparity[:, None] - camera.viewmat[:3, 3]) @ camera.viewmat[:3, :3]
    extent = (spread * size)[:, None].astype(np.float32)
    quats, scales = _disc_frames(right[middle] * extent, down[middle] * extent)
    return Gaussians(
        means=means.astype(np.float32),
        quats=quats,
        scales=scales,
        opacities=np.broadcast_to(np.float32(opacity), len(cells)).copy(),
        colors=np.clip(cell_means(layer.image, cells), 0.0, 1.0),
    )


def lies_open(gaussians: Gaussians, eye: NDArray[np.floating]) -> NDArray[np.bool_]:
    """Return [N] which discs ``eye`` [3] sees so steeply that they may stay as they lie."""
    across = rotation_matrices(gaussians.quats)[..., 0]
    away = gaussians.means - np.asarray(eye, np.float32)
    steep = np.abs((across * away).sum(axis=1))
    return np.asarray(steep * LYING_STRETCH > np.linalg.norm(away, axis=1))


def cell_shades(layer: Layer, shown: NDArray[np.bool_], cells: Cells) -> Float32Array:
    """Return the least and the greatest colour [N, 2, 3] of cells of ``layer``.

    They are those of the cell's mean, and of what is ``shown`` [H, W] in the cell and beside it: a
    Gaussian reaches half a pixel beyond its cell, and may have to be right there.
    """
    own = np.clip(cell_means(layer.image, cells), 0.0, 1.0)
    shades = np.stack([own, own], axis=1)
    there = (layer.valid & shown)[..., None]
    extremes = ((cv2.erode, np.minimum, np.inf), (cv2.dilate, np.maximum, -np.inf))
    for number, (most, further, nothing) in enumerate(extremes):
        seen = np.where(there, np.clip(layer.image, 0.0, 1.0), np.float32(nothing))
        for size in np.unique(cells.size):
            around = most(seen, np.ones((size + 2, size + 2), np.uint8), anchor=(1, 1))
            alike = np.flatnonzero(cells.size == size)
            found = around[cells.row[alike], cells.column[alike]]
            known = ((found >= 0.0) & (found <= 1.0)).all(axis=-1)
            shades[alike[known], number] = further(found, own[alike])[known]
    return shades


def cell_means(values: Float32Array, cells: Cells) -> Float32Array:
    """Return the mean of ``values`` [H, W, ...] over each cell, by a summed-area table."""
    table = np.cumsum(np.cumsum(values.astype(np.float64), axis=0), axis=1)
    table = np.pad(table, ((1, 0), (1, 0), *(((0, 0),) * (values.ndim - 2))))
    height, width = values.shape[:2]
    top, left = np.minimum(cells.row, height), np.minimum(cells.column, width)
    bottom = np.minimum(cells.row + cells.size, height)
    right = np.minimum(cells.column + cells.size, width)
    area = ((bottom - top) * (right - left)).reshape(-1, *((1,) * (values.ndim - 2)))
    total = table[bottom, right] - table[top, right] - table[bottom, left] + table[top, left]
    return np.asarray(total / area, dtype=np.float32)


def _disc_frames(first: Float32Array, second: Float32Array) -> tuple[Float32Array, Float32Array]:
    """Return quats [N, 4] and scales [N, 3] of covariance a aT + b bT, thin along the normal."""
    covariance = first[:, :, None] * first[:, None, :] + second[:, :, None] * second[:, None, :]
    quats, deviations = principal_axes(covariance.astype(np.float64))
    deviations[:, 0] = np.maximum(deviations[:, 0], THICKNESS * deviations[:, 1])
    return quats, deviations
