"""Copy all that is known of the last error, for a report."""

from __future__ import annotations

import bpy

from ..generate.details import error_details
from ..properties import state_of
from ..translations.words import rpt
from .result import Result


class LIVESCAPE_OT_copy_details(bpy.types.Operator):
    """Copy the last error, versions and the end of the log."""

    bl_idname = "livescape.copy_details"
    bl_label = "Copy Details"
    bl_description = (
        "Copy the error, the versions and the end of the server's log to the clipboard, without "
        "the names of your folders"
    )
    bl_options = {"REGISTER"}

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        """Only after an error."""
        cls.poll_message_set(rpt("There is no error"))
        return bool(state_of(context).error_message)

    def execute(self, context: bpy.types.Context) -> Result:
        """Copy them."""
        context.window_manager.clipboard = error_details(state_of(context))
        self.report({"INFO"}, rpt("The details are in the clipboard"))
        return {"FINISHED"}
