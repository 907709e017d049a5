"""The nearest point of every pixel on the CPU, in one pass over the points.

:mod:`livescape.engine.zbuffer.cuda` does the same on a device, bit for bit: both project with the
same operations in the same order, in float64, and compare depths rounded to float32.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from livescape.engine.jit import exact_helper, exact_kernel
from livescape_shared.camera import Camera

Float32Array = NDArray[np.float32]

NEAR = 0.05
"""Depth in metres up to which nothing is drawn."""

OVERLAP = 1.15
"""Widening of footprints; closes the cracks that a slight rotation opens between neighbours."""

LEAST_RADIUS = 0.5
MOST_RADIUS = 32.0
"""Half the width in pixels that a point covers."""


@dataclass(frozen=True, eq=False)
class Cloud:
    """A point cloud: points [N, 3] and footprints [N], in metres."""

    points: Float32Array
    footprint: Float32Array

    def nearest(self, camera: Camera) -> tuple[NDArray[np.int32], Float32Array]:
        """Return :func:`nearest_points`."""
        return nearest_points(self.points, self.footprint, camera)


def nearest_points(
    points: Float32Array, footprint: Float32Array, camera: Camera
) -> tuple[NDArray[np.int32], Float32Array]:
    """Return per pixel the nearest point and its depth.

    Args:
        points: [N, 3] world metres.
        footprint: [N] metres.
        camera: The view.

    Returns:
        Indices [H, W], -1 where there is no point, and depths [H, W] in metres along z, inf there.
        Of points of the same depth the first wins.
    """
    depth = np.full((camera.height, camera.width), np.inf, dtype=np.float32)
    index = np.full((camera.height, camera.width), -1, dtype=np.int32)
    projection = camera.K @ camera.viewmat[:3]
    _fill_nearest(points, footprint, projection, float(camera.K[0, 0]), depth, index)
    return index, depth


@exact_kernel
def _fill_nearest(
    points: Float32Array,
    footprint: Float32Array,
    projection: NDArray[np.float64],
    focal: float,
    depth: Float32Array,
    index: NDArray[np.int32],
) -> None:
    """Write depth and index of the nearest point whose square footprint covers each pixel."""
    height, width = depth.shape
    U, V, W = projection[0], projection[1], projection[2]
    for n in range(len(points)):
        x, y, z = np.float64(points[n, 0]), np.float64(points[n, 1]), np.float64(points[n, 2])
        along = W[0] * x + W[1] * y + W[2] * z + W[3]
        if not along > NEAR:
            continue
        u = (U[0] * x + U[1] * y + U[2] * z + U[3]) / along
        v = (V[0] * x + V[1] * y + V[2] * z + V[3]) / along
        pixels = 0.5 * np.float64(footprint[n]) * focal / along
        r = min(max(pixels * OVERLAP, LEAST_RADIUS), MOST_RADIUS)
        # A pixel belongs to the footprint if its centre lies within [u - r, u + r).
        left, right = _clamped(np.ceil(u - r - 0.5), width), _clamped(np.ceil(u + r - 0.5), width)
        top, low = _clamped(np.ceil(v - r - 0.5), height), _clamped(np.ceil(v + r - 0.5), height)
        rounded = np.float32(along)
        for row in range(top, low):
            for column in range(left, right):
                if rounded < depth[row, column]:
                    depth[row, column] = rounded
                    index[row, column] = n


@exact_helper
def _clamped(position: float, size: int) -> int:
    # Before the conversion: positions far outside the image may not fit an integer.
    return int(min(max(position, 0.0), float(size)))
