"""Build the object again from its cache."""

from __future__ import annotations

from typing import ClassVar

import bpy

from livescape_shared.errors import LivescapeError

from ..generate import status
from ..generate.place import rebuild_object, restore_object
from ..splats.object import SplatObject, is_ours


class LIVESCAPE_OT_rebuild(bpy.types.Operator):
    """Build the active object, or the one that Settings names, again from its cache."""

    bl_idname = "livescape.rebuild"
    bl_label = "Rebuild from Cache"
    bl_description = (
        "Build the active object again from the cache that it plays, or a deleted one from the "
        "newest cache of its name"
    )
    bl_options: ClassVar[set[str]] = {"REGISTER", "UNDO"}

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        """Not while a generation uses the panel."""
        cls.poll_message_set("A scene is being generated")
        return not context.window_manager.livescape.is_running

    def execute(self, context: bpy.types.Context) -> set[str]:
        """Build it."""
        state, active = context.window_manager.livescape, context.active_object
        try:
            if is_ours(active):
                item = rebuild_object(context.scene, SplatObject(active))
            else:
                item = restore_object(context.scene, context.scene.livescape.object_name)
        except LivescapeError as error:
            status.failed(state, error)
            self.report({"ERROR"}, str(error))
            return {"CANCELLED"}
        status.finished(state, f"Rebuilt {item.name}")
        return {"FINISHED"}
