"""Surfaces that water lies on, as a camera sees them: which they are, and how they are inclined."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from livescape.imaging.morphology import nearest_values
from livescape.motion.bends import Planes, own_side
from livescape.points.floor import Floor
from livescape.points.hidden import depth_edges
from livescape_shared.camera import Camera

Float32Array = NDArray[np.float32]

SMOOTH = 0.01
"""Share of the width over which the slope of a surface is averaged: waves and noise are smaller."""

LEVEL = np.radians(30.0)
"""Angle to the floor up to which water is level: rivers slope by a few degrees, falls are steep."""


def parted_surfaces(depth: NDArray[np.floating], mask: NDArray[np.floating]) -> NDArray[np.int32]:
    """Return [H, W] the number, from 1, of the surface each pixel of the mask lies on; 0 outside.

    Surfaces are what depth edges part completely.
    """
    edges = np.logical_or(*_sides_of_edges(depth))
    _, parts = cv2.connectedComponents(((mask > 0) & ~edges).astype(np.uint8))
    if not parts.any():
        return np.asarray(parts, dtype=np.int32)
    # A pixel at an edge is nearer to the rest of its own surface than to that beyond the edge.
    _, nearest = nearest_values(parts.astype(np.float32), parts > 0)
    return np.where(mask > 0, nearest, 0).astype(np.int32)


def _sides_of_edges(depth: NDArray[np.floating]) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Return the pixels [H, W] on the nearer and on the farther side of depth edges."""
    seen = np.isfinite(depth)
    disparity = np.where(seen, 1.0 / np.where(seen, depth, 1.0), 0.0).astype(np.float32)
    return depth_edges(disparity, ~seen)


def surface_normals(
    depth: NDArray[np.floating], camera: Camera, mask: NDArray[np.floating]
) -> Float32Array:
    """Return unit normals [H, W, 3] in the camera's axes of what the mask shows.

    The inverse depth of a plane n . X = 1 is n . K^-1 (u, v, 1), linear in the image; so its
    slopes, averaged within the mask but not across bends, give n, far away as well as near.
    """
    height, width = depth.shape
    known = (np.isfinite(depth) & (mask > 0)).astype(np.float32)
    inverse = np.where(known > 0, 1.0 / np.where(known > 0, depth, 1.0), 0.0).astype(np.float32)
    nearer, farther = (side.astype(np.int8) for side in _sides_of_edges(depth))
    slopes = []
    for axis in (1, 0):
        step, both = (
            np.diff(inverse, axis=axis),
            np.minimum(np.delete(known, 0, axis), np.delete(known, -1, axis)),
        )
        # From one side of a depth edge to the other there is no slope.
        both = both * (np.abs(np.diff(nearer - farther, axis=axis)) < 2)
        end = [(0, 0), (0, 0)]
        end[axis] = (0, 1)
        values, weight = (_averaged(np.pad(part, end), width) for part in (step * both, both))
        slopes.append(values / np.maximum(weight, 1e-6))
    share = _averaged(known, width)
    places = (np.arange(width) + 0.5, (np.arange(height) + 0.5)[:, None], inverse)
    middle = [_averaged(known * part, width) / np.maximum(share, 1e-6) for part in places]
    planes = Planes(np.stack(slopes, -1), np.stack(middle, -1), known > 0)
    right, down = np.moveaxis(own_side(planes, inverse, known > 0, SMOOTH * width), -1, 0)
    u, v = np.arange(width) + 0.5, (np.arange(height) + 0.5)[:, None]
    matrix = camera.K
    rest = inverse - right * (u - matrix[0, 2]) - down * (v - matrix[1, 2])
    normals = np.stack([right * matrix[0, 0], down * matrix[1, 1], rest], axis=-1)
    length = np.linalg.norm(normals, axis=-1, keepdims=True)
    return np.asarray(normals / np.maximum(length, 1e-12), dtype=np.float32)


def _averaged(values: NDArray[np.floating], width: int) -> Float32Array:
    """Return values [H, W] averaged over :data:`SMOOTH` of the width."""
    blurred = cv2.GaussianBlur(values.astype(np.float32), (0, 0), SMOOTH * width)
    return np.asarray(blurred, dtype=np.float32)


def levelled(normals: Float32Array, floor: Floor, known: NDArray[np.bool_]) -> Float32Array:
    """Return normals [H, W, 3] of which those that are nearly level are all the same.

    Water that does not fall is level. Seen at a grazing angle, depth that is uneven by a hundredth
    would have it rise and sink, and what drifts across the picture would come and go. How level
    lies is what most of the water says; the floor, which banks may tilt, tells which water to ask.

    Args:
        normals: As :func:`surface_normals` returns them.
        floor: The plane below the camera.
        known: [H, W] of which surfaces the normals are known.
    """
    level = np.array([*floor.slope, floor.level], dtype=np.float32)
    for _ in range(2):  # about the floor's, then about their own
        level /= np.linalg.norm(level)
        nearly = known & (normals @ level > np.cos(LEVEL))
        if not nearly.any():
            return normals
        level = np.median(normals[nearly], axis=0)
    level /= np.linalg.norm(level)
    return np.where(nearly[..., None], level, normals).astype(np.float32)
