"""Cancel the running generation."""

from __future__ import annotations

from typing import ClassVar

import bpy


class LIVESCAPE_OT_cancel(bpy.types.Operator):
    """Stop the running generation; the scene stays as it was."""

    bl_idname = "livescape.cancel"
    bl_label = "Cancel"
    bl_description = "Stop the running generation; the scene stays as it was"
    bl_options: ClassVar[set[str]] = {"INTERNAL"}

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        """Only while something runs."""
        cls.poll_message_set("Nothing is being generated")
        return bool(context.window_manager.livescape.is_running)

    def execute(self, context: bpy.types.Context) -> set[str]:
        """Ask the running operator, which looks at this on its next tick, to stop."""
        context.window_manager.livescape.is_cancelling = True
        return {"FINISHED"}
