"""World points to pixels and back."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from livescape_shared.camera import Camera

Float32Array = NDArray[np.float32]
Float64Array = NDArray[np.float64]

ROWS = 8192
"""Of points that are multiplied at once: up to some ten thousand, BLAS starts no threads."""


def project_points(
    points: NDArray[np.floating], camera: Camera
) -> tuple[Float64Array, Float64Array]:
    """Project world points.

    Args:
        points: [N, 3] in metres.
        camera: The view.

    Returns:
        Positions [N, 2] in pixels and depths [N] in metres; positions of points that are not in
        front of the camera are meaningless.
    """
    local = in_camera(points, camera.viewmat)
    depth = local[:, 2]
    homogeneous = mapped(local, camera.K.T)
    return homogeneous[:, :2] / np.maximum(depth, 1e-9)[:, None], depth


def in_camera(points: NDArray[np.floating], viewmat: NDArray[np.floating]) -> Float64Array:
    """Return world ``points`` [N, 3] in the axes of a camera by its ``viewmat`` [4, 4]."""
    return mapped(points.astype(np.float64), viewmat[:3, :3].T) + viewmat[:3, 3]


def unproject_points(
    positions: NDArray[np.floating], depth: NDArray[np.floating], camera: Camera
) -> Float64Array:
    """Return the world points [N, 3] at pixel ``positions`` [N, 2] and ``depth`` [N] metres."""
    homogeneous = np.concatenate((positions, np.ones((len(positions), 1))), axis=1)
    local = mapped(homogeneous, np.linalg.inv(camera.K).T) * depth[:, None]
    return mapped(local - camera.viewmat[:3, 3], camera.viewmat[:3, :3])


def unproject_image(
    depth: NDArray[np.floating],
    camera: Camera,
    part: tuple[slice, slice] = (slice(None), slice(None)),
) -> Float32Array:
    """Return the world points [h, w, 3] of the pixel centres of a ``part`` of ``depth`` [H, W]."""
    rows, columns = np.mgrid[: depth.shape[0], : depth.shape[1]][:, *part]
    centres = np.column_stack([columns.ravel(), rows.ravel()]) + 0.5
    points = unproject_points(centres, depth[part].astype(np.float64).ravel(), camera)
    return points.reshape(*rows.shape, 3).astype(np.float32)


def axes_in_pixels(
    points: NDArray[np.floating], axes: Float64Array, camera: Camera, near: float = 1e-9
) -> Float64Array:
    """Return how many pixels right and down [N, 2, 3] a metre along each of ``axes`` leads.

    Args:
        points: [N, 3] in metres.
        axes: [N, 3, 3] directions in the world, of unit length, in columns.
        camera: The view.
        near: Least depth that counts, in metres.
    """
    turn = camera.viewmat[:3, :3]
    x, y, z = in_camera(points, camera.viewmat).T
    deep = np.maximum(z, near)
    local = turn @ axes
    u = camera.K[0, 0] * (local[:, 0] - (x / deep)[:, None] * local[:, 2])
    v = camera.K[1, 1] * (local[:, 1] - (y / deep)[:, None] * local[:, 2])
    return np.asarray(np.stack([u, v], axis=1) / deep[:, None, None])


def mapped(points: Float64Array, matrix: NDArray[np.floating]) -> Float64Array:
    """Return ``points`` [N, 3] @ ``matrix`` [3, 3], to the bit, some rows at a time.

    For all at once, BLAS wakes a thread for each core, and those that wait for so little work spin:
    six times the CPU time.
    """
    result = np.empty((len(points), matrix.shape[1]))
    pieces = max(len(points) // ROWS, 1)  # The last takes what is left: one row rounds otherwise.
    for piece in range(pieces):
        rows = slice(piece * ROWS, (piece + 1) * ROWS if piece + 1 < pieces else None)
        np.matmul(points[rows], matrix, out=result[rows])
    return result
