"""Where a camera looks whose matrix is more than a turn: scaled, mirrored, sheared by a parent.

Renderers take the directions of a camera's axes and forget their lengths. What is left of a mirror
turns the picture over and not the view: it shows the same part of the world the other way round.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

_SHEARED = 1e-3
"""Cosine between two axes from which on they are not at right angles."""

_FLAT = 1e-12


@dataclass(frozen=True)
class Pose:
    """How a camera is turned.

    Attributes:
        rotation: [3, 3] camera to world, in Blender's axes of a camera.
        is_mirrored: Whether renders show the world the other way round, left for right.
        is_sheared: Whether its axes are not at right angles, so that this is only near.
    """

    rotation: NDArray[np.float64]
    is_mirrored: bool = False
    is_sheared: bool = False


def pose_of(matrix: NDArray[np.float64]) -> Pose | None:
    """Return how a camera is turned that has this matrix; None if it is squashed flat.

    Args:
        matrix: [4, 4] or [3, 3], camera to world.
    """
    axes = np.asarray(matrix, dtype=np.float64)[:3, :3]
    lengths = np.linalg.norm(axes, axis=0)
    if not (np.isfinite(lengths).all() and lengths.min() > 0.0):
        return None
    axes = axes / lengths
    volume = float(np.linalg.det(axes))
    if abs(volume) < _FLAT:
        return None
    left, _, right = np.linalg.svd(axes)
    nearest = left @ right
    products = axes.T @ axes - np.eye(3)
    if volume < 0.0:
        nearest = nearest * np.array([-1.0, 1.0, 1.0])
    return Pose(nearest, volume < 0.0, bool(np.abs(products).max() > _SHEARED))
