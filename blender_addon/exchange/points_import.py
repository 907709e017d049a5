"""Blender's own splats, still or moving, on their way to an object of ours with its own cache."""

from __future__ import annotations

from typing import Any

import bpy
from mathutils import Matrix

from ..cache.cache_folder import caches_folder
from ..generate.stage_names import stage_name
from ..properties import frame_rate
from .imported import free_name
from .on_main import OnMain
from .points_reader import PointsReader
from .points_steps import PointsSteps
from .scene_import import SceneImport


class PointsImport(SceneImport):
    """What an object shows in the scene's frame range, on its way to an object of ours.

    One frame at most is read in each call. In the end the source is hidden.

    Args:
        context: Of Blender; its scene is played.
        source: An object for which :func:`.from_points.may_hold_splats` holds.

    Raises:
        LivescapeError: ``blend_unsaved``.
    """

    undo_name = "Convert to Livescape"

    def __init__(self, context: Any, source: bpy.types.Object) -> None:
        scene, on_main = context.scene, OnMain()
        self._reader = PointsReader(context, source, on_main)
        frames = (scene.frame_start, scene.frame_end - scene.frame_start + 1)
        may_move = source.animation_data or source.parent or source.constraints
        self._points = PointsSteps(
            source.name,
            free_name(scene, source.name),
            frames,
            frame_rate(scene),
            root := caches_folder(),
            self._reader,
            may_move=bool(may_move),
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
        self._reader.hide(is_hidden=True)

    def put_back(self) -> None:
        """Show the source again, if it was hidden."""
        if self._found is not None:
            self._reader.hide(is_hidden=False)

    @property
    def _is_reading(self) -> bool:
        return self._points.content is None and not self._worker.is_over
