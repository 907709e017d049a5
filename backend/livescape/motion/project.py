"""The artist's hints in the world: seen in other views, and spread over the surface they lie on."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from livescape.cameras.projection import project_points, unproject_points
from livescape.imaging.morphology import nearest_values
from livescape.imaging.sampling import sample_bilinear
from livescape.motion.hints import densify_by_region
from livescape.points.hidden import depth_edges
from livescape_shared.annotation import FRAMES_PER_DRAG
from livescape_shared.camera import Camera

Float32Array = NDArray[np.float32]
Float64Array = NDArray[np.float64]

# A hint that ends on another surface (shore, foreground) tells nothing about motion in depth.
_DEPTH_JUMP = 1.5

# Share of the width over which the slope of a surface is averaged: waves and noise are smaller.
_SMOOTH = 0.01


@dataclass(frozen=True)
class LiftedHints:
    """Hints in the world.

    Attributes:
        starts: [n, 3] world position in metres.
        motions: [n, 3] world motion in metres per frame.
    """

    starts: Float64Array
    motions: Float64Array


@dataclass(frozen=True)
class SurfaceHints:
    """Hints, and what a camera sees of the surface that they are drawn on.

    Attributes:
        hints: In the world.
        depth: [H, W] z-depth in metres; not finite where nothing is seen.
        camera: The camera, of that size.
    """

    hints: LiftedHints
    depth: NDArray[np.floating]
    camera: Camera


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
    far = np.where(jumps, near, far)
    # On the line from start to end in the world, as far as the image moves in one frame: what is
    # drawn is the speed at the start. Along the line, 1 / depth is linear in the image.
    part = 1.0 / FRAMES_PER_DRAG
    after = 1.0 / ((1.0 - part) / near + part / far)
    lifted = unproject_points(starts, near, camera)
    moved = unproject_points(starts + part * (ends - starts), after, camera)
    return LiftedHints(lifted, moved - lifted)


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


def spread_on_surface(surface: SurfaceHints, mask: NDArray[np.floating]) -> Float32Array:
    """Spread hints over a mask as motions in the world, which perspective then foreshortens.

    Water that flows at one speed moves many pixels in the foreground and few near the horizon;
    hints that were spread in pixels would move both alike. Hints are blended along a surface, not
    across its edges and bends: what lies before another has motions of its own, and so has a pool
    below its fall.

    Args:
        surface: At least one hint that its camera can see, see :func:`project_hints`.
        mask: [H, W] in 0..1.

    Returns:
        [H, W, 2] pixels per frame, zero outside the mask and where no surface is seen.
    """
    camera, known = surface.camera, np.isfinite(surface.depth) & (mask > 0)
    starts, _, visible = project_hints(surface.hints, camera)
    motion = densify_by_region(
        starts[visible],
        surface.hints.motions[visible],
        mask,
        _surfaces(surface.depth, mask),
        surface_normals(surface.depth, camera, mask),
    )
    flow = np.zeros((*mask.shape, 2), np.float32)
    rows, columns = np.nonzero(known)
    pixels = np.column_stack([columns, rows]) + 0.5
    points = unproject_points(pixels, surface.depth[known].astype(np.float64), camera)
    moved, depth = project_points(points + motion[known], camera)
    flow[known] = np.where((depth > 0)[:, None], moved - pixels, 0.0)
    return flow


def _surfaces(depth: NDArray[np.floating], mask: NDArray[np.floating]) -> NDArray[np.int32]:
    """Return [H, W] the number, from 1, of the surface each pixel of the mask lies on; 0 outside.

    Surfaces are what depth edges part completely.
    """
    seen = np.isfinite(depth)
    disparity = np.where(seen, 1.0 / np.where(seen, depth, 1.0), 0.0).astype(np.float32)
    edges = np.logical_or(*depth_edges(disparity, ~seen))
    _, parts = cv2.connectedComponents(((mask > 0) & ~edges).astype(np.uint8))
    if not parts.any():
        return np.asarray(parts, dtype=np.int32)
    # A pixel at an edge is nearer to the rest of its own surface than to that beyond the edge.
    _, nearest = nearest_values(parts.astype(np.float32), parts > 0)
    return np.where(mask > 0, nearest, 0).astype(np.int32)


def surface_normals(
    depth: NDArray[np.floating], camera: Camera, mask: NDArray[np.floating]
) -> Float32Array:
    """Return unit normals [H, W, 3] in the camera's axes of what the mask shows.

    The inverse depth of a plane n . X = 1 is n . K^-1 (u, v, 1), linear in the image; so its
    slopes, averaged within the mask, give n, far away as well as near.
    """
    height, width = depth.shape
    known = (np.isfinite(depth) & (mask > 0)).astype(np.float32)
    inverse = np.where(known > 0, 1.0 / np.where(known > 0, depth, 1.0), 0.0).astype(np.float32)
    slopes = []
    for axis in (1, 0):
        step, both = (
            np.diff(inverse, axis=axis),
            np.minimum(np.delete(known, 0, axis), np.delete(known, -1, axis)),
        )
        end = [(0, 0), (0, 0)]
        end[axis] = (0, 1)
        values, weight = (
            cv2.GaussianBlur(np.pad(part, end).astype(np.float32), (0, 0), _SMOOTH * width)
            for part in (step * both, both)
        )
        slopes.append(values / np.maximum(weight, 1e-6))
    u, v = np.arange(width) + 0.5, (np.arange(height) + 0.5)[:, None]
    matrix = camera.K
    rest = inverse - slopes[0] * (u - matrix[0, 2]) - slopes[1] * (v - matrix[1, 2])
    normals = np.stack([slopes[0] * matrix[0, 0], slopes[1] * matrix[1, 1], rest], axis=-1)
    length = np.linalg.norm(normals, axis=-1, keepdims=True)
    return np.asarray(normals / np.maximum(length, 1e-12), dtype=np.float32)
