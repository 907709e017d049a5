"""The panels of the Livescape tab in the 3D viewport's sidebar."""

from __future__ import annotations

import bpy

from . import panels

CLASSES = (
    panels.LIVESCAPE_PT_main,
    panels.LIVESCAPE_PT_inputs,
    panels.LIVESCAPE_PT_settings,
    panels.LIVESCAPE_PT_render,
)


def register() -> None:
    """Register the panels."""
    for cls in CLASSES:
        bpy.utils.register_class(cls)


def unregister() -> None:
    """Undo :func:`register`."""
    for cls in reversed(CLASSES):
        bpy.utils.unregister_class(cls)
