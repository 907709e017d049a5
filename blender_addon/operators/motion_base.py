"""What all operators on drawn motion share."""

from __future__ import annotations

from typing import Any

import bpy

from livescape_shared.errors import LivescapeError

from ..motion import outcome
from ..motion.drawn import drawn_objects, hang_all
from ..motion.reference import Stage, stage_of
from ..properties import state_of
from ..translations.words import rpt
from .result import Result


class OnMotion(bpy.types.Operator):
    """Does something with strokes; what is wrong is said in the panel."""

    def refuse(self, error: LivescapeError) -> Result:
        """Say what is wrong."""
        outcome.failed(error)
        self.report({"ERROR"}, rpt(str(error)))
        return {"CANCELLED"}


class AsksServer(OnMotion):
    """Asks a server for something small, which would have to wait for a generation."""

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        """Not while a scene is generated."""
        cls.poll_message_set(rpt("A scene is being generated"))
        return not state_of(context).is_running


def stage_in(context: Any) -> Stage:
    """Return where strokes are drawn in the scene of ``context``; those that are there follow.

    Raises:
        LivescapeError: Photo or camera are missing.
    """
    outcome.cleared()
    stage = stage_of(context.scene, context.evaluated_depsgraph_get())
    hang_all(drawn_objects(context.scene), stage)
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
