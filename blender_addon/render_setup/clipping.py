"""How far the cameras of a scene must see: skies lie beyond Blender's usual hundred metres.

A single Gaussian that went astray must not decide it: a clip end a thousand kilometres away costs
the depth buffer its precision. So the distance counts within which lies all but one part in ten
thousand of what the camera could see, each Gaussian weighted by its opacity and by the solid angle
that it covers.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

import bpy
import numpy as np

from ..camera.alone import scene_cameras
from ..splats.cloud import Cloud, played_cloud
from ..splats.object import SplatObject, splat_objects

MARGIN = 1.5
"""Room for the way that the camera travels, and for the extent of the farthest Gaussians."""

CUT_SHARE = 1e-4
"""Part of the visible that may lie beyond the clip end before it counts as too near."""

_BINS_PER_OCTAVE = 64
"""How finely distances are told apart: a reach is one per cent too far at most."""

_SAME_SHARE = 0.02
"""Part of its reach by which a camera may move before the reach is computed again."""

Reaches: TypeAlias = Callable[[bpy.types.Scene], dict[bpy.types.Camera, float]]

_known: dict[int, tuple[np.ndarray, tuple[Any, ...], float]] = {}
"""By the camera's id: from where, of what and how far it was to see."""


def reaches(scene: bpy.types.Scene) -> dict[bpy.types.Camera, float]:
    """Return how far each camera must see, in Blender units; empty without Gaussians."""
    ours = _with_quads(scene)
    return _farthest(scene, lambda _, place: _reach(place, ours)) if ours else {}


def known_reaches(scene: bpy.types.Scene) -> dict[bpy.types.Camera, float]:
    """As :func:`reaches`, for a panel: about, and computed only when something has changed."""
    ours = _with_quads(scene)
    key = tuple(
        (
            tuple((mesh.session_uid, len(mesh.polygons)) for mesh in each.meshes),
            tuple(round(value, 3) for value in np.array(each.item.matrix_world).ravel().tolist()),
        )
        for each in ours
    )

    def known(item: bpy.types.Object, place: np.ndarray) -> float:
        seen, seen_key, reach = _known.get(item.session_uid, (place, (), 0.0))
        if seen_key != key or np.linalg.norm(place - seen) > _SAME_SHARE * reach:
            reach = _reach(place, ours)
            _known[item.session_uid] = (place, key, reach)
        return reach

    return _farthest(scene, known) if ours else {}


def too_short(scene: bpy.types.Scene) -> list[bpy.types.Camera]:
    """Return the cameras whose clip end cuts Gaussians off."""
    return [camera for camera, reach in reaches(scene).items() if reach > camera.clip_end]


def _with_quads(scene: bpy.types.Scene) -> list[SplatObject]:
    return [each for each in splat_objects(scene) if any(len(m.polygons) for m in each.meshes)]


def _farthest(
    scene: bpy.types.Scene, reach_of: Callable[[bpy.types.Object, np.ndarray], float]
) -> dict[bpy.types.Camera, float]:
    """Return the reach of each camera's lens, which several objects may share."""
    needed: dict[bpy.types.Camera, float] = {}
    for item in scene_cameras(scene):
        camera = item.data
        if isinstance(camera, bpy.types.Camera):
            reach = reach_of(item, np.array(item.matrix_world.translation))
            needed[camera] = max(reach, needed.get(camera, 0.0))
    return needed


def _reach(place: np.ndarray, ours: list[SplatObject]) -> float:
    """Return the distance within which lies all but ``CUT_SHARE`` of the visible."""
    lowest = -_BINS_PER_OCTAVE * 40
    seen = np.zeros(1)
    for played in ours:
        matrix = np.array(played.item.matrix_world, dtype=np.float64)
        for mesh in played.meshes:
            found = _seen_by_distance(place, matrix, played_cloud(played, mesh), lowest)
            longer = max(len(seen), len(found))
            seen = np.pad(seen, (0, longer - len(seen))) + np.pad(found, (0, longer - len(found)))
    within = np.cumsum(seen)
    if not within[-1] > 0.0:
        last = len(seen) - 1
    else:
        last = int(np.searchsorted(within, (1.0 - CUT_SHARE) * within[-1]))
    return float(2.0 ** ((min(last, len(seen) - 1) + 1 + lowest) / _BINS_PER_OCTAVE))


def _seen_by_distance(
    place: np.ndarray, matrix: np.ndarray, cloud: Cloud, lowest: int
) -> np.ndarray:
    """Return the solid angle that the Gaussians in each bin of distance cover."""
    if not len(cloud.means):
        return np.zeros(1)
    means = cloud.means @ matrix[:3, :3].T.astype(np.float32)
    means += (matrix[:3, 3] - place).astype(np.float32)
    squares = np.maximum(np.einsum("ij,ij->i", means, means), np.float32(1e-18))
    grown = abs(np.linalg.det(matrix[:3, :3])) ** (2.0 / 3.0)
    # at most a hemisphere: whatever is close covers no more than all that can be seen
    weights = np.minimum(cloud.areas * np.float32(grown) / squares, np.float32(2.0 * np.pi))
    bins = np.floor(np.log2(squares) * (_BINS_PER_OCTAVE / 2)).astype(np.int32) - lowest
    return np.bincount(np.maximum(bins, 0), weights=weights)
