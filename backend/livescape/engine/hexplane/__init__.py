"""HexPlane features of fixed points, at any moments of the loop."""

from __future__ import annotations

from torch import Tensor

from livescape.engine.dispatch import on_cpu
from livescape.engine.hexplane import cpu, cuda
from livescape.engine.hexplane.reference import HexPlane, HexPlaneShape

__all__ = ["FixedPoints", "HexPlane", "HexPlaneShape", "locate"]

FixedPoints = cpu.FixedPoints | cuda.FixedPoints
"""Points on the planes of a HexPlane.

``features(hexplane, times)`` looks them up; an index array or mask selects some of them.
"""


def locate(hexplane: HexPlane, points: Tensor) -> FixedPoints:
    """Return ``points`` [N, 3], -1..1 inside the box and clamped to it, ready to be looked up.

    Raises:
        ValueError: If the points are not [N, 3].
    """
    if points.ndim != 2 or points.shape[1] != 3:
        raise ValueError(f"points are [N, 3], not {tuple(points.shape)}")
    if on_cpu(points.device):
        return cpu.FixedPoints.locate(hexplane, points)
    return cuda.FixedPoints(points)
