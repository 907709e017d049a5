"""Carry the artist's hints from the photo into other views."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from livescape.cameras.projection import project_points, unproject_points
from livescape.imaging.sampling import sample_bilinear
from livescape.motion.hints import FRAMES_PER_DRAG
from livescape_shared.camera import Camera

Float64Array = NDArray[np.float64]

# A hint that ends on another surface (shore, foreground) tells nothing about motion in depth.
_DEPTH_JUMP = 1.5


@dataclass(frozen=True)
class LiftedHints:
    """Hints in the world.

    Attributes:
        starts: [n, 3] world position in metres.
        motions: [n, 3] world motion in metres per frame.
    """

    starts: Float64Array
    motions: Float64Array


def lift_hints(
    hints: NDArray[np.floating], depth: NDArray[np.floating], camera: Camera
) -> LiftedHints:
    """Lift hint lines with the depth of the photo.

    Args:
        hints: [n, 2, 2] start and end in pixels of the camera's image.
        depth: [H, W] z-depth in metres of that image.
        camera: The reference camera.
    """
    if depth.shape != (camera.height, camera.width):
        raise ValueError(f"depth {depth.shape} is not the camera's image")
    starts, ends = hints[:, 0].astype(np.float64), hints[:, 1].astype(np.float64)
    near = sample_bilinear(depth[..., None], starts)[:, 0].astype(np.float64)
    far = sample_bilinear(depth[..., None], ends)[:, 0].astype(np.float64)
    jumps = np.maximum(near, far) > _DEPTH_JUMP * np.minimum(near, far)
    lifted = unproject_points(starts, near, camera)
    dragged = unproject_points(ends, np.where(jumps, near, far), camera)
    return LiftedHints(lifted, (dragged - lifted) / FRAMES_PER_DRAG)


def project_hints(
    hints: LiftedHints, camera: Camera
) -> tuple[Float64Array, Float64Array, NDArray[np.bool_]]:
    """Return what lifted hints look like in a view.

    Returns:
        Positions [n, 2] in pixels, motions [n, 2] in pixels per frame, and whether each hint [n]
        is in front of the camera and within half an image of its frame (a hint just outside
        still tells how the content moves inside).
    """
    start, depth = project_points(hints.starts, camera)
    moved, moved_depth = project_points(hints.starts + hints.motions, camera)
    size = np.array([camera.width, camera.height])
    near = ((start > -0.5 * size) & (start < 1.5 * size)).all(axis=1)
    return start, moved - start, near & (depth > 0) & (moved_depth > 0)
