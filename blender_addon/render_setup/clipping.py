"""How far the cameras of a scene must see: skies lie beyond Blender's usual hundred metres.

A single Gaussian that went astray must not decide it: a clip end a thousand kilometres away costs
the depth buffer its precision. So the distance counts within which lies all but one part in ten
thousand of what the camera could see, each Gaussian weighted by its opacity and by the solid angle
that it covers.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

import bpy
import numpy as np
from numpy.typing import NDArray

from ..camera.alone import scene_cameras
from ..splats import constants
from ..splats.attributes import read_attribute
from ..splats.object import SplatObject, splat_objects

Cloud: TypeAlias = tuple[NDArray[np.float64], NDArray[np.float64]]
"""Means [N, 3] in world axes, and the areas [N] that Gaussians cover, times their opacity."""

MARGIN = 1.5
"""Room for the way that the camera travels, and for the extent of the farthest Gaussians."""

CUT_SHARE = 1e-4
"""Part of the visible that may lie beyond the clip end before it counts as too near."""


def reaches(scene: bpy.types.Scene) -> dict[bpy.types.Camera, float]:
    """Return how far each camera must see, in Blender units; empty without Gaussians."""
    clouds = [_cloud(each) for each in splat_objects(scene)]
    means, areas = _joined(clouds)
    if not len(means):
        return {}
    needed: dict[bpy.types.Camera, float] = {}
    for item in scene_cameras(scene):
        camera, place = item.data, np.array(item.matrix_world.translation)
        if isinstance(camera, bpy.types.Camera):
            reach = _reach(np.linalg.norm(means - place, axis=1), areas)
            needed[camera] = max(reach, needed.get(camera, 0.0))
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


def _cloud(played: SplatObject) -> Cloud:
    matrix: NDArray[np.float64] = np.array(played.item.matrix_world, dtype=np.float64)
    parts = [_mesh_cloud(mesh, matrix) for mesh in played.meshes]
    return _joined(parts)


def _joined(clouds: Sequence[Cloud]) -> Cloud:
    nothing = (np.zeros((0, 3)), np.zeros(0))
    means, areas = zip(nothing, *clouds, strict=True)
    return np.concatenate(means), np.concatenate(areas)


def _mesh_cloud(mesh: bpy.types.Mesh, matrix: NDArray[np.float64]) -> Cloud:
    count = len(mesh.polygons)
    if not count or constants.RGBA not in mesh.attributes:
        return np.zeros((0, 3)), np.zeros(0)
    flat = np.empty(12 * count, dtype=np.float32)
    mesh.vertices.foreach_get("co", flat)
    points = flat.reshape(count, 4, 3).astype(np.float64) @ matrix[:3, :3].T + matrix[:3, 3]
    lengths = np.sort(np.linalg.norm(points[:, 1:] - points[:, :1], axis=2), axis=1)
    opacities = read_attribute(mesh, constants.RGBA, "color", 4)[:, 3]
    return points[:, 0], np.pi * lengths[:, 1] * lengths[:, 2] * opacities
