"""How far the cameras of a scene must see: skies lie beyond Blender's usual hundred metres.

A single Gaussian that went astray must not decide it: a clip end a thousand kilometres away costs
the depth buffer its precision. So the distance counts within which lies all but one part in ten
thousand of what the camera could see, each Gaussian weighted by its opacity and by the solid angle
that it covers.
"""

from __future__ import annotations

import bpy
import numpy as np
from numpy.typing import NDArray

from ..splats import constants
from ..splats.object import SplatObject, splat_objects

MARGIN = 1.5
"""Room for the way that the camera travels, and for the extent of the farthest Gaussians."""

CUT_SHARE = 1e-4
"""Part of the visible that may lie beyond the clip end before it counts as too near."""


def scene_cameras(scene: bpy.types.Scene) -> list[bpy.types.Object]:
    """Return the cameras that the scene renders through: the active one and those of markers."""
    found = [scene.camera, *(marker.camera for marker in scene.timeline_markers)]
    return list(dict.fromkeys(item for item in found if item and item.type == "CAMERA"))


def reaches(scene: bpy.types.Scene) -> dict[bpy.types.Camera, float]:
    """Return how far each camera must see, in Blender units; empty without Gaussians."""
    clouds = [_cloud(each) for each in splat_objects(scene)]
    if not sum(len(means) for means, _ in clouds):
        return {}
    means, areas = (np.concatenate(parts) for parts in zip(*clouds, strict=True))
    needed: dict[bpy.types.Camera, float] = {}
    for camera in scene_cameras(scene):
        place = np.array(camera.matrix_world.translation)
        reach = _reach(np.linalg.norm(means - place, axis=1), areas)
        needed[camera.data] = max(reach, needed.get(camera.data, 0.0))
    return needed


def too_short(scene: bpy.types.Scene) -> list[bpy.types.Camera]:
    """Return the cameras whose clip end cuts Gaussians off."""
    return [camera for camera, reach in reaches(scene).items() if reach > camera.clip_end]


def _reach(distances: NDArray[np.float64], areas: NDArray[np.float64]) -> float:
    """Return the distance within which lies all but ``CUT_SHARE`` of the visible."""
    # at most a hemisphere: whatever is close covers no more than all that can be seen
    weights = np.minimum(areas / np.maximum(distances, 1e-9) ** 2, 2.0 * np.pi)
    order = np.argsort(distances)
    within = np.cumsum(weights[order])
    if not within[-1] > 0.0:
        return float(distances.max())
    last = int(np.searchsorted(within, (1.0 - CUT_SHARE) * within[-1]))
    return float(distances[order[min(last, len(order) - 1)]])


def _cloud(played: SplatObject) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return means [N, 3] in world axes and the areas [N] that they cover, times their opacity."""
    static = played.static
    meshes = [played.item.data, *([static.data] if static else [])]
    matrix: NDArray[np.float64] = np.array(played.item.matrix_world, dtype=np.float64)
    parts = [_mesh_cloud(mesh, matrix) for mesh in meshes]
    means, areas = (np.concatenate(values) for values in zip(*parts, strict=True))
    return means, areas


def _mesh_cloud(
    mesh: bpy.types.Mesh, matrix: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    count = len(mesh.polygons)
    if not count or constants.RGBA not in mesh.attributes:
        return np.zeros((0, 3)), np.zeros(0)
    flat = np.empty(12 * count, dtype=np.float32)
    mesh.vertices.foreach_get("co", flat)
    points = flat.reshape(count, 4, 3).astype(np.float64) @ matrix[:3, :3].T + matrix[:3, 3]
    lengths = np.sort(np.linalg.norm(points[:, 1:] - points[:, :1], axis=2), axis=1)
    rgba = np.empty(4 * count, dtype=np.float32)
    mesh.attributes[constants.RGBA].data.foreach_get("color", rgba)
    return points[:, 0], np.pi * lengths[:, 1] * lengths[:, 2] * rgba[3::4]
