"""Blender's own splats, still or moving, on their way to an object of ours with its own cache."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

import bpy
import numpy as np
from mathutils import Matrix
from numpy.typing import NDArray

from livescape_shared.errors import LivescapeError

from ..cache.cache_folder import caches_folder
from ..generate.stage_names import stage_name
from ..properties import frame_rate
from .from_points import splats_of
from .imported import free_name
from .on_main import OnMain
from .points_steps import PointsSteps, Shown
from .scene_import import SceneImport

T = TypeVar("T")


class PointsImport(SceneImport):
    """What an object shows in the scene's frame range, on its way to an object of ours.

    One frame is read in each call, and the scene then stands where it stood: whatever is saved,
    undone or cancelled meanwhile finds it there. In the end the source is hidden.

    Args:
        context: Of Blender; its scene is played.
        source: An object for which :func:`.from_points.may_hold_splats` holds.

    Raises:
        LivescapeError: ``blend_unsaved``.
    """

    undo_name = "Convert to Livescape"

    def __init__(self, context: Any, source: bpy.types.Object) -> None:
        scene, on_main = context.scene, OnMain()
        self._layer = context.view_layer.name
        self._source_id, self._source_name = source.session_uid, source.name
        frames = (scene.frame_start, scene.frame_end - scene.frame_start + 1)
        may_move = source.animation_data or source.parent or source.constraints

        def on_main_at(read: Callable[[int], T]) -> Callable[[int], T]:
            return lambda frame: on_main.call(read, frame)

        self._points = PointsSteps(
            source.name,
            free_name(scene, source.name),
            frames,
            frame_rate(scene),
            root := caches_folder(),
            on_main_at(self._shown),
            on_main_at(self._place_at) if may_move else None,
        )
        super().__init__(scene, source.name, self._points, on_main, root)

    @property
    def stage(self) -> str:
        """What is being done, or waited for."""
        if self.reason and self._is_reading:
            return stage_name(self.reason.rpartition(": ")[2])
        return super().stage

    @property
    def is_urgent(self) -> bool:
        """Whether it goes on as fast as it is called."""
        return super().is_urgent or (self._is_reading and not self.reason)

    def serve(self) -> None:
        """Read a frame, if the scene may be played now."""
        if not self.reason:
            super().serve()

    def adapt(self, scene: bpy.types.Scene, item: bpy.types.Object) -> None:
        """Put the object where the source is, which is hidden."""
        if self._points.place is not None:
            item.matrix_world = Matrix(self._points.place.tolist())
        self._hide(is_hidden=True)

    def put_back(self) -> None:
        """Show the source again, if it was hidden."""
        if self._found is not None:
            self._hide(is_hidden=False)

    @property
    def _is_reading(self) -> bool:
        return self._points.content is None and not self._worker.is_over

    def _hide(self, *, is_hidden: bool) -> None:
        for source in (each for each in bpy.data.objects if each.session_uid == self._source_id):
            source.hide_render = is_hidden
            layer = self._view_layer()
            if source.name in layer.objects:
                source.hide_set(is_hidden, view_layer=layer)

    def _shown(self, frame: int) -> Shown:
        with self._played(frame) as (source, depsgraph):
            place = np.array(source.evaluated_get(depsgraph).matrix_world, dtype=np.float64)
            return Shown(splats_of(source, depsgraph), place)

    def _place_at(self, frame: int) -> NDArray[np.float64]:
        with self._played(frame) as (source, depsgraph):
            return np.array(source.evaluated_get(depsgraph).matrix_world, dtype=np.float64)

    @contextmanager
    def _played(self, frame: int) -> Iterator[tuple[bpy.types.Object, bpy.types.Depsgraph]]:
        """Let the scene stand at a frame for as long as it is looked at."""
        scene, source = self.scene(), self._source()
        stood, sub_frame = scene.frame_current, scene.frame_subframe
        if (stood, sub_frame) == (frame, 0.0):
            yield source, self._evaluated()
            return
        scene.frame_set(frame)
        try:
            yield source, self._evaluated()
        finally:
            scene.frame_set(stood, subframe=sub_frame)

    def _evaluated(self) -> bpy.types.Depsgraph:
        layer = self._view_layer()
        layer.update()
        return layer.depsgraph

    def _view_layer(self) -> bpy.types.ViewLayer:
        layers = self.scene().view_layers
        return layers.get(self._layer) or layers[0]

    def _source(self) -> bpy.types.Object:
        for item in bpy.data.objects:
            if item.session_uid == self._source_id:
                return item
        raise LivescapeError(
            "points_missing",
            f"{self._source_name} is gone, which was to be converted.",
            hint="Undo its deletion, and convert it again.",
        )
