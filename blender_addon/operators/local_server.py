"""Ask the server how it is, and end one of another version."""

from __future__ import annotations

import os
import signal
from contextlib import suppress
from typing import Any

import bpy

from livescape_shared.connection import default_state_dir, read_connection_file
from livescape_shared.errors import LivescapeError
from livescape_shared.processes import process_alive

from ..setting_up import watch
from ..translations.words import rpt
from .result import Result


class LIVESCAPE_OT_ask_server(bpy.types.Operator):
    """Ask the server again how it is."""

    bl_idname = "livescape.ask_server"
    bl_label = "Try Again"
    bl_description = "Ask the server how it is"
    bl_options = {"INTERNAL"}

    def execute(self, context: bpy.types.Context) -> Result:
        """Ask."""
        watch.look_again()
        if bpy.app.background:
            watch.look_now(context)
        return {"FINISHED"}


class LIVESCAPE_OT_restart_server(bpy.types.Operator):
    """End the server on this computer; the next generation starts the right one."""

    bl_idname = "livescape.restart_server"
    bl_label = "Restart Server"
    bl_description = (
        "End the server of another version on this computer. What it computes goes on when the "
        "next one starts"
    )
    bl_options = {"INTERNAL"}

    def invoke(self, context: bpy.types.Context, event: bpy.types.Event) -> Result:
        """Ask first."""
        return context.window_manager.invoke_confirm(self, event)

    def execute(self, context: bpy.types.Context) -> Result:
        """End it."""
        try:
            info = read_connection_file(default_state_dir())
        except LivescapeError as error:
            self.report({"ERROR"}, rpt(str(error)))
            return {"CANCELLED"}
        if info is not None and process_alive(info.pid):
            with suppress(OSError):
                os.kill(info.pid, signal.SIGTERM)
        watch.look_again()
        return {"FINISHED"}


CLASSES: tuple[Any, ...] = (LIVESCAPE_OT_ask_server, LIVESCAPE_OT_restart_server)
