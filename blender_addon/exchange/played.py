"""What an object of ours shows at a frame, computed from its cache as its nodes do."""

from __future__ import annotations

import bpy
import numpy as np
from numpy.typing import NDArray

from livescape_shared.cache.manifest import damaged
from livescape_shared.cache.names import POINT_CACHE
from livescape_shared.cache.pc2 import read_pc2
from livescape_shared.conventions import loop_time, window, windowed_opacity
from livescape_shared.covariance import axes_of, decompose
from livescape_shared.errors import LivescapeError
from livescape_shared.gaussians import Gaussians
from livescape_shared.splats import Splats

from ..cache.cache_folder import played_folder
from ..cache.contents import load_cache
from ..splats import drivers
from ..splats.object import SplatObject, is_ours


class PlayedObject:
    """An object with its cache open.

    Args:
        item: An object of ours, whose cache is found through it.

    Raises:
        LivescapeError: ``blend_unsaved``, ``cache_missing`` or ``cache_damaged``.
    """

    def __init__(self, item: bpy.types.Object) -> None:
        self.item = item
        played = SplatObject(item)
        folder = played_folder(played)
        self._content = load_cache(folder, played.name)
        self._static = Splats(self._content.static, self._content.harmonics)
        self._points = np.zeros((1, 0, 3), dtype=np.float32)
        self._axes = axes_of(self._content.moving.gaussians)
        if self._content.meta.moving:
            try:
                self._points = read_pc2(folder / POINT_CACHE)
            except (OSError, ValueError) as error:
                raise damaged(folder, str(error)) from error

    def at(self, frame: float, depsgraph: bpy.types.Depsgraph) -> Splats:
        """Return what the object shows at ``frame`` in world space, in metres.

        Args:
            frame: Frame of the scene, to which ``depsgraph`` is evaluated.
            depsgraph: Knows where the object is and how fast it plays.
        """
        evaluated = self.item.evaluated_get(depsgraph)
        scale = depsgraph.scene.unit_settings.scale_length
        to_world = np.diag([scale, scale, scale, 1.0]) @ np.array(evaluated.matrix_world)
        static = self._static.transformed(to_world)
        if not self._content.meta.moving:
            return static
        return Splats.concatenate(static, Splats(self._moving(frame, evaluated, to_world)))

    def _moving(
        self, frame: float, evaluated: bpy.types.Object, to_world: NDArray[np.float64]
    ) -> Gaussians:
        loop = evaluated[drivers.LOOP]
        passed = (frame - evaluated[drivers.START]) * evaluated[drivers.SPEED]
        t = loop_time(passed, 0.0, loop, loop=bool(evaluated.get(drivers.REPEATS, True)))
        position = t * loop
        means, axes = self._pose_at(position)
        means = means @ to_world[:3, :3].T + to_world[:3, 3]
        quats, scales = decompose(to_world[:3, :3] @ axes)
        moving = self._content.moving
        shown = window(moving.windows, t, self._content.meta.fade)
        opacities = windowed_opacity(moving.gaussians.opacities, shown)
        return Gaussians(
            means.astype(np.float32), quats, scales, opacities, moving.gaussians.colors
        )

    def _pose_at(self, position: float) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return means [M, 3] and axes [M, 3, 3] between two baked frames, as Blender does."""
        points = self._points_at(position)
        if not self._content.meta.deforms:
            return points, self._axes
        points = points.reshape(-1, 4, 3)
        return points[:, 0], np.swapaxes(points[:, 1:] - points[:, :1], 1, 2)

    def _points_at(self, position: float) -> NDArray[np.float64]:
        """Return the played points between two baked frames, as the Mesh Cache does."""
        last = len(self._points) - 1
        before = min(int(position), last)
        after, weight = min(before + 1, last), min(position, last) - before
        first = self._points[before].astype(np.float64)
        mixed = first + weight * (self._points[after] - first)
        return np.asarray(mixed)


def played_objects(view_layer: bpy.types.ViewLayer, *, selected_only: bool) -> list[PlayedObject]:
    """Return the objects of ours that renders of ``view_layer`` show, with their caches open.

    Raises:
        LivescapeError: ``splats_missing`` if there are none, or as :class:`PlayedObject`.
    """
    items = [
        item
        for item in view_layer.objects
        if is_ours(item) and not item.hide_render and (not selected_only or item.select_get())
    ]
    if not items:
        raise LivescapeError(
            "splats_missing",
            "There is no Livescape object to export.",
            hint="Select one, or generate or import a scene.",
        )
    return [PlayedObject(item) for item in items]
