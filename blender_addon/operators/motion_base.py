"""What all operators on drawn motion share."""

from __future__ import annotations

from typing import Any

import bpy

from livescape_shared.errors import LivescapeError

from ..motion import outcome
from ..motion.reference import Stage, stage_of
from ..motion.strokes import hang_on
from ..properties import state_of
from .result import Result


class OnMotion(bpy.types.Operator):
    """Does something with strokes; what is wrong is said in the panel."""

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        """Not while a generation reads the strokes."""
        cls.poll_message_set("A scene is being generated")
        return context.scene is not None and not state_of(context).is_running

    def refuse(self, error: LivescapeError) -> Result:
        """Say what is wrong."""
        outcome.failed(error)
        self.report({"ERROR"}, str(error))
        return {"CANCELLED"}


def stage_in(context: Any) -> Stage:
    """Return where strokes are drawn in the scene of ``context``; those that are there follow.

    Raises:
        LivescapeError: Photo or camera are missing.
    """
    outcome.cleared()
    stage = stage_of(context.scene, context.evaluated_depsgraph_get())
    hang_on(context.scene, stage)
    return stage


def choose(context: Any, items: list[bpy.types.Object]) -> None:
    """Select objects, the last of them active."""
    if context.mode != "OBJECT":
        return
    for item in context.selected_objects:
        item.select_set(False)
    for item in items:
        item.select_set(True)
        context.view_layer.objects.active = item
