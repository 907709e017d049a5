"""Point rendering with a z-buffer: what a camera sees of a dense point cloud."""

from __future__ import annotations

from dataclasses import dataclass

import numba
import numpy as np
from numpy.typing import NDArray

from livescape.views.projection import project_points
from livescape_shared.camera import Camera

Float32Array = NDArray[np.float32]

NEAR = 0.05
DEPTH_TOLERANCE = 0.02


@dataclass(frozen=True)
class PointRender:
    """What one camera sees of a point cloud.

    Attributes:
        values: [H, W, C] attributes of the nearest points; 0 where nothing is seen.
        depth: [H, W] metres along z; inf where nothing is seen.
        valid: [H, W] bool, whether a point covers the pixel.
    """

    values: Float32Array
    depth: Float32Array
    valid: NDArray[np.bool_]


@numba.njit(nogil=True, cache=True)
def _fill_nearest(
    u: NDArray[np.float64],
    v: NDArray[np.float64],
    z: NDArray[np.float64],
    radius: NDArray[np.float64],
    depth: Float32Array,
    index: NDArray[np.int32],
) -> None:
    """Write depth and index of the nearest point whose square footprint covers each pixel."""
    height, width = depth.shape
    for n in range(len(u)):
        if z[n] <= NEAR:
            continue
        r = radius[n]
        # A pixel belongs to the footprint if its centre lies within [u - r, u + r).
        x0 = max(0, int(np.ceil(u[n] - r - 0.5)))
        x1 = min(width, int(np.ceil(u[n] + r - 0.5)))
        y0 = max(0, int(np.ceil(v[n] - r - 0.5)))
        y1 = min(height, int(np.ceil(v[n] + r - 0.5)))
        for y in range(y0, y1):
            for x in range(x0, x1):
                if z[n] < depth[y, x]:
                    depth[y, x] = z[n]
                    index[y, x] = n


def render_points(
    points: Float32Array, values: Float32Array, footprint: Float32Array, camera: Camera
) -> PointRender:
    """Render points as squares facing the camera.

    Args:
        points: [N, 3] world metres.
        values: [N, C] attributes to carry.
        footprint: [N] width of the surface patch each point stands for, in metres.
        camera: Where to look from.
    """
    index, depth = nearest_points(points, footprint, camera)
    valid = index >= 0
    rendered = np.zeros((camera.height, camera.width, values.shape[1]), dtype=np.float32)
    rendered[valid] = values[index[valid]]
    return PointRender(rendered, depth, valid)


def nearest_points(
    points: Float32Array, footprint: Float32Array, camera: Camera
) -> tuple[NDArray[np.int32], Float32Array]:
    """Return per pixel the index [H, W] of the nearest point (-1 if none) and its depth."""
    positions, z = project_points(points, camera)
    u, v = positions.T
    depth = np.full((camera.height, camera.width), np.inf, dtype=np.float32)
    index = np.full((camera.height, camera.width), -1, dtype=np.int32)
    pixels = 0.5 * footprint * camera.K[0, 0] / np.maximum(z, NEAR)
    # 15 % overlap closes the cracks that a slight rotation opens between neighbours.
    radius = np.clip(pixels * 1.15, 0.5, 32.0)
    _fill_nearest(u, v, z, radius, depth, index)
    return index, depth


def visible_points(points: Float32Array, depth: Float32Array, camera: Camera) -> NDArray[np.bool_]:
    """Return [N] whether each point lies in frame and is not behind ``depth`` [H, W]."""
    positions, z = project_points(points, camera)
    u, v = positions.T
    inside = (z > NEAR) & (u >= 0) & (u < camera.width) & (v >= 0) & (v < camera.height)
    x = np.clip(u, 0, camera.width - 1).astype(np.int64)
    y = np.clip(v, 0, camera.height - 1).astype(np.int64)
    return np.asarray(inside & (z <= depth[y, x] * (1.0 + DEPTH_TOLERANCE)))
