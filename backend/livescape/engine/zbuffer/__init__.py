"""Point rendering with a z-buffer: what a camera sees of a dense point cloud."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from livescape.cameras.projection import project_points
from livescape.engine.dispatch import on_cpu
from livescape.engine.zbuffer import cpu, cuda
from livescape.engine.zbuffer.cpu import NEAR
from livescape_shared.camera import Camera

Float32Array = NDArray[np.float32]

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


class PointRenderer:
    """One point cloud, seen by any number of cameras, on the device that computes the scene.

    On a device the cloud is uploaded once.
    """

    def __init__(self, points: Float32Array, footprint: Float32Array, device: str = "cpu") -> None:
        """Take the points.

        Args:
            points: [N, 3] world metres.
            footprint: [N] width of the surface patch each point stands for, in metres.
            device: Where to compute.
        """
        self._cloud: cpu.Cloud | cuda.Cloud
        if on_cpu(device):
            self._cloud = cpu.Cloud(points, footprint)
        else:
            self._cloud = cuda.Cloud(points, footprint, device)

    def nearest(self, camera: Camera) -> tuple[NDArray[np.int32], Float32Array]:
        """Return per pixel the index [H, W] of the nearest point (-1 if none) and its depth."""
        return self._cloud.nearest(camera)

    def render(self, values: Float32Array, camera: Camera) -> PointRender:
        """Return what ``camera`` sees of attributes [N, C], every point a square that faces it."""
        index, depth = self.nearest(camera)
        valid = index >= 0
        rendered = np.zeros((camera.height, camera.width, values.shape[1]), dtype=np.float32)
        rendered[valid] = values[index[valid]]
        return PointRender(rendered, depth, valid)


def visible_points(points: Float32Array, depth: Float32Array, camera: Camera) -> NDArray[np.bool_]:
    """Return [N] whether each point lies in frame and is not behind ``depth`` [H, W]."""
    positions, z = project_points(points, camera)
    u, v = positions.T
    inside = (z > NEAR) & (u >= 0) & (u < camera.width) & (v >= 0) & (v < camera.height)
    x = np.clip(u, 0, camera.width - 1).astype(np.int64)
    y = np.clip(v, 0, camera.height - 1).astype(np.int64)
    return np.asarray(inside & (z <= depth[y, x] * (1.0 + DEPTH_TOLERANCE)))
