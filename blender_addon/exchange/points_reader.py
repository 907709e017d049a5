"""What an object shows in the frames of its scene, read for a thread by Blender's own."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import bpy
import numpy as np
from numpy.typing import NDArray

from livescape_shared.errors import LivescapeError

from .from_points import coefficients_of, gaussians_of
from .on_main import OnMain
from .points_steps import Shown


class PointsReader:
    """Reads what an object shows, in calls that are short.

    After each of them the scene stands where it stood: whatever is saved, undone or cancelled
    meanwhile finds it there.

    Args:
        context: Of Blender; its scene is played.
        source: The object.
        on_main: Does what is asked for.

    Attributes:
        name: Of the object.
    """

    def __init__(self, context: Any, source: bpy.types.Object, on_main: OnMain) -> None:
        self.name = source.name
        self._on_main = on_main
        self._scene_id, self._source_id = context.scene.session_uid, source.session_uid
        self._layer = context.view_layer.name

    def shown(self, frame: int) -> Shown:
        """Return what it shows in a frame; called by the thread.

        Raises:
            LivescapeError: ``points_not_splats``, or ``points_missing`` once the object is gone.
        """
        return self._on_main.call(self._shown, frame)

    def coefficients(self, frame: int, which: range) -> NDArray[np.float32]:
        """Return some coefficients [n, k, 3] of view-dependent colour; likewise."""
        return self._on_main.call(self._coefficients, frame, which)

    def place_at(self, frame: int) -> NDArray[np.float64]:
        """Return its matrix [4, 4] in a frame; likewise."""
        return self._on_main.call(self._place_at, frame)

    def hide(self, *, is_hidden: bool) -> None:
        """Hide the object in viewports and renders, or show it again, if it is there."""
        for source in (each for each in bpy.data.objects if each.session_uid == self._source_id):
            source.hide_render = is_hidden
            layer = self._view_layer()
            if source.name in layer.objects:
                source.hide_set(is_hidden, view_layer=layer)

    def _shown(self, frame: int) -> Shown:
        with self._played(frame) as (source, depsgraph):
            gaussians, coefficients = gaussians_of(source, depsgraph)
            return Shown(gaussians, coefficients, _matrix(source, depsgraph))

    def _coefficients(self, frame: int, which: range) -> NDArray[np.float32]:
        with self._played(frame) as (source, depsgraph):
            return coefficients_of(source, depsgraph, which)

    def _place_at(self, frame: int) -> NDArray[np.float64]:
        with self._played(frame) as (source, depsgraph):
            return _matrix(source, depsgraph)

    @contextmanager
    def _played(self, frame: int) -> Iterator[tuple[bpy.types.Object, bpy.types.Depsgraph]]:
        """Let the scene stand at a frame for as long as it is looked at."""
        scene, source = self._scene(), self._source()
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
        layers = self._scene().view_layers
        return layers.get(self._layer) or layers[0]

    def _scene(self) -> bpy.types.Scene:
        for scene in bpy.data.scenes:
            if scene.session_uid == self._scene_id:
                return scene
        raise self._gone()

    def _source(self) -> bpy.types.Object:
        for item in bpy.data.objects:
            if item.session_uid == self._source_id:
                return item
        raise self._gone()

    def _gone(self) -> LivescapeError:
        return LivescapeError(
            "points_missing",
            f"{self.name} is gone, which was to be converted.",
            hint="Undo its deletion, and convert it again.",
        )


def _matrix(source: bpy.types.Object, depsgraph: bpy.types.Depsgraph) -> NDArray[np.float64]:
    return np.array(source.evaluated_get(depsgraph).matrix_world, dtype=np.float64)
