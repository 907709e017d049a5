"""A step of undo for what a timer has done."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import bpy


def push_undo(context: Any, message: str) -> None:
    """Make what was done one step of undo; a timer's changes are in none by themselves.

    A window is lent only where Blender offers none. While the context is overridden Blender asks
    Python what is, without holding it: before Python 3.12 (Blender 4.5 and 5.0) it takes any thread
    that runs just then for its own, and ends if that thread pauses meanwhile.
    """
    windows = context.window_manager.windows
    with suppress(RuntimeError):  # undo is switched off
        if context.window is not None or not windows:
            bpy.ops.ed.undo_push(message=message)
            return
        with context.temp_override(window=windows[0]):
            bpy.ops.ed.undo_push(message=message)
