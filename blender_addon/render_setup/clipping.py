"""How far the cameras of a scene must see: skies lie beyond Blender's usual hundred metres."""

from __future__ import annotations

import bpy
import numpy as np
from numpy.typing import NDArray

from ..splats import build

MARGIN = 1.5
"""Room for the way that the camera travels."""


def scene_cameras(scene: bpy.types.Scene) -> list[bpy.types.Object]:
    """Return the cameras that the scene renders through: the active one and those of markers."""
    found = [scene.camera, *(marker.camera for marker in scene.timeline_markers)]
    return list(dict.fromkeys(item for item in found if item and item.type == "CAMERA"))


def too_short(scene: bpy.types.Scene) -> dict[str, float]:
    """Return the clip end that each camera needs whose own cuts Gaussians off, by data name."""
    points = [_world_bounds(item) for item in scene.objects if build.MARK in item]
    if not points:
        return {}
    corners = np.concatenate(points)
    needed = {}
    for camera in scene_cameras(scene):
        place = np.array(camera.matrix_world.translation)
        farthest = float(np.linalg.norm(corners - place, axis=1).max())
        if farthest > camera.data.clip_end:
            needed[camera.data.name] = farthest * MARGIN
    return needed


def _world_bounds(item: bpy.types.Object) -> NDArray[np.float64]:
    """Return corners [8 or 16, 3] around the Gaussians of an object of ours, world axes."""
    meshes = [item.data, *(child.data for child in item.children if child.type == "MESH")]
    matrix: NDArray[np.float64] = np.array(item.matrix_world, dtype=np.float64)
    corners = [_corners(mesh) for mesh in meshes if len(mesh.vertices)]
    if not corners:
        return np.zeros((0, 3))
    return np.concatenate(corners) @ matrix[:3, :3].T + matrix[:3, 3]


def _corners(mesh: bpy.types.Mesh) -> NDArray[np.float64]:
    flat = np.empty(3 * len(mesh.vertices), dtype=np.float32)
    mesh.vertices.foreach_get("co", flat)
    positions = flat.reshape(-1, 3)
    ends = np.stack([positions.min(axis=0), positions.max(axis=0)])
    choices = np.indices((2, 2, 2)).reshape(3, 8).T
    return ends[choices, np.arange(3)].astype(np.float64)
