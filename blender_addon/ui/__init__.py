"""The panels of the Livescape tab in the 3D viewport's sidebar."""

from __future__ import annotations

import bpy

from ..translations import use_context
from . import (
    camera_panel,
    compositing_panel,
    exchange_panel,
    generate_panel,
    jobs_panel,
    motion_panel,
    object_panel,
    panels,
    photo_panel,
    render_panel,
    servers,
    thumbnails,
    unused_caches_panel,
)

CLASSES = (
    panels.LIVESCAPE_PT_main,
    photo_panel.LIVESCAPE_PT_photo,
    camera_panel.LIVESCAPE_PT_camera,
    camera_panel.LIVESCAPE_PT_move,
    camera_panel.LIVESCAPE_PT_camera_files,
    motion_panel.LIVESCAPE_UL_strokes,
    motion_panel.LIVESCAPE_PT_motion,
    motion_panel.LIVESCAPE_PT_motion_files,
    generate_panel.LIVESCAPE_PT_generate,
    generate_panel.LIVESCAPE_PT_settings,
    jobs_panel.LIVESCAPE_PT_jobs,
    render_panel.LIVESCAPE_PT_render,
    compositing_panel.LIVESCAPE_PT_compositing,
    object_panel.LIVESCAPE_PT_object,
    exchange_panel.LIVESCAPE_PT_exchange,
    unused_caches_panel.LIVESCAPE_PT_unused_caches,
    exchange_panel.LIVESCAPE_FH_splats,
    photo_panel.LIVESCAPE_FH_photo,
    servers.LIVESCAPE_MT_server,
)


def register() -> None:
    """Register the panels and add the menu entries."""
    for cls in CLASSES:
        if issubclass(cls, (bpy.types.Panel, bpy.types.Menu)):
            use_context(cls)
        bpy.utils.register_class(cls)
    exchange_panel.add_to_menus()
    photo_panel.add_to_menus()


def unregister() -> None:
    """Undo :func:`register`."""
    photo_panel.remove_from_menus()
    exchange_panel.remove_from_menus()
    for cls in reversed(CLASSES):
        bpy.utils.unregister_class(cls)
    thumbnails.close()
