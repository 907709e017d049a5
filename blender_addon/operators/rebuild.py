"""Build the object again from its cache."""

from __future__ import annotations

from typing import ClassVar

import bpy

from livescape_shared.errors import LivescapeError

from ..generate import status
from ..generate.place import place_object
from ..splats.build import MARK


class LIVESCAPE_OT_rebuild(bpy.types.Operator):
    """Build the active object, or the one that Settings names, again from its cache."""

    bl_idname = "livescape.rebuild"
    bl_label = "Rebuild from Cache"
    bl_description = "Build the active object again from its cache beside the .blend file"
    bl_options: ClassVar[set[str]] = {"REGISTER", "UNDO"}

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        """Not while a generation may replace the cache."""
        cls.poll_message_set("A scene is being generated")
        return not context.window_manager.livescape.is_running

    def execute(self, context: bpy.types.Context) -> set[str]:
        """Build it."""
        state, active = context.window_manager.livescape, context.active_object
        name = active.get(MARK) if active is not None else None
        try:
            item = place_object(context.scene, name or context.scene.livescape.object_name)
        except LivescapeError as error:
            status.failed(state, error)
            self.report({"ERROR"}, str(error))
            return {"CANCELLED"}
        status.finished(state, f"Rebuilt {item.name}")
        return {"FINISHED"}
