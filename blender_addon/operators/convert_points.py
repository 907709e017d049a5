"""Blender's own splats become a Livescape object."""

from __future__ import annotations

import bpy

from livescape_shared.errors import LivescapeError

from ..exchange.from_points import import_points, may_hold_splats
from ..generate import status
from ..properties import state_of
from ..splats.chosen import select
from ..translations.words import rpt
from .result import Result, imported_as, refused


class LIVESCAPE_OT_convert_points(bpy.types.Operator):
    """Show the active object's splats as a Livescape object with a cache of its own."""

    bl_idname = "livescape.convert_points"
    bl_label = "Convert to Livescape"
    bl_description = (
        "Show Blender's own Gaussian splats of the active object, in every frame of the scene, as "
        "a Livescape object, which renders exactly. The active object is hidden"
    )
    bl_options = {"REGISTER", "UNDO"}

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        """Only for an object that may show splats, and not while a cache may be replaced."""
        if state_of(context).is_running:
            cls.poll_message_set(rpt("A scene is being generated"))
            return False
        cls.poll_message_set(rpt("The active object shows no Gaussian splats of Blender's own"))
        return may_hold_splats(context.active_object)

    def execute(self, context: bpy.types.Context) -> Result:
        """Read every frame, store and build."""
        try:
            imported = import_points(context, context.active_object)
        except LivescapeError as error:
            return refused(self, context, error)
        status.finished(state_of(context), str(imported))
        select(context.scene, imported.item)
        return imported_as(self, imported)
