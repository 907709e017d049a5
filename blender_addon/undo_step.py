"""A step of undo for what a timer has done."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import bpy


def push_undo(context: Any, message: str) -> None:
    """Make what was done one step of undo; a timer's changes are in none by themselves."""
    manager = context.window_manager
    window = context.window or next(iter(manager.windows), None)
    with suppress(RuntimeError):  # undo is switched off
        if window is None:
            bpy.ops.ed.undo_push(message=message)
            return
        with context.temp_override(window=window):
            bpy.ops.ed.undo_push(message=message)
