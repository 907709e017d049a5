"""The panels of the Livescape tab in the 3D viewport's sidebar."""

from __future__ import annotations

import bpy

from . import active_object, compositing, exchange, panels

CLASSES = (
    panels.LIVESCAPE_PT_main,
    panels.LIVESCAPE_PT_inputs,
    panels.LIVESCAPE_PT_settings,
    panels.LIVESCAPE_PT_render,
    compositing.LIVESCAPE_PT_compositing,
    active_object.LIVESCAPE_PT_object,
    exchange.LIVESCAPE_PT_exchange,
    exchange.LIVESCAPE_FH_splats,
)


def register() -> None:
    """Register the panels and add the menu entries."""
    for cls in CLASSES:
        bpy.utils.register_class(cls)
    exchange.add_to_menus()


def unregister() -> None:
    """Undo :func:`register`."""
    exchange.remove_from_menus()
    for cls in reversed(CLASSES):
        bpy.utils.unregister_class(cls)
