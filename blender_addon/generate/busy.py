"""What the artist is doing that must not be disturbed."""

from __future__ import annotations

from typing import Any

import bpy

_BUSY = "TRANSFORM_OT_"


def reason_to_wait(context: Any) -> str:
    """Return why the object must not be placed now, or an empty string."""
    active = context.view_layer.objects.active
    if active is not None and active.mode != "OBJECT":
        return "finished: waits for Object Mode"
    is_job_running: Any = bpy.app.is_job_running  # stubs have it return nothing
    if is_job_running("RENDER"):
        return "finished: waits for the render"
    manager = context.window_manager
    if any(each.bl_idname.startswith(_BUSY) for window in manager.windows
           for each in getattr(window, "modal_operators", ())):  # fmt: skip
        return "finished: waits for the tool in use"
    return ""
