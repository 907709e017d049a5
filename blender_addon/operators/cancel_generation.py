"""Cancel the running generation."""

from __future__ import annotations

import bpy

from ..generate import running
from ..properties import state_of
from ..translations.words import rpt
from .result import Result


class LIVESCAPE_OT_cancel(bpy.types.Operator):
    """Stop the running generation; the best that is there stays."""

    bl_idname = "livescape.cancel"
    bl_label = "Cancel"
    bl_description = (
        "Stop generating. What the viewport shows so far stays and plays; a finished scene that "
        "was there before comes back"
    )
    bl_options = {"INTERNAL"}

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        """Only while something runs."""
        cls.poll_message_set(rpt("Nothing is being generated"))
        return running.is_running()

    def execute(self, context: bpy.types.Context) -> Result:
        """Ask for the end, which the next tick of the timer looks at."""
        state_of(context).is_cancelling = True
        return {"FINISHED"}
