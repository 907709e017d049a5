"""The operators: thin, each one call of a plain function and a report."""

from __future__ import annotations

from typing import Any

import bpy

from ..translations import use_context
from . import (
    camera_move,
    cancel_generation,
    choose_photo,
    collect_for_farm,
    compositing,
    convert_points,
    copy_details,
    export_camera,
    export_splats,
    generate,
    import_cameras,
    import_splats,
    jobs,
    local_server,
    match_camera,
    motion_draw,
    motion_edit,
    motion_files,
    motion_paint,
    motion_preview,
    optional_networks,
    prepare_render,
    presets,
    rebuild,
    resume,
    servers,
    set_up,
    show_in_viewport,
    switch_native,
    unused_caches,
)

CLASSES: tuple[Any, ...] = (
    generate.LIVESCAPE_OT_generate,
    cancel_generation.LIVESCAPE_OT_cancel,
    *resume.CLASSES,
    *jobs.CLASSES,
    *presets.CLASSES,
    copy_details.LIVESCAPE_OT_copy_details,
    rebuild.LIVESCAPE_OT_rebuild,
    prepare_render.LIVESCAPE_OT_prepare_render,
    prepare_render.LIVESCAPE_OT_put_right,
    prepare_render.LIVESCAPE_OT_use_standard_look,
    prepare_render.LIVESCAPE_OT_restore_render,
    collect_for_farm.LIVESCAPE_OT_collect_for_farm,
    *compositing.CLASSES,
    *choose_photo.CLASSES,
    match_camera.LIVESCAPE_OT_match_camera,
    *camera_move.CLASSES,
    import_cameras.LIVESCAPE_OT_import_cameras,
    export_camera.LIVESCAPE_OT_export_camera_path,
    import_splats.LIVESCAPE_OT_import_splats,
    import_splats.LIVESCAPE_OT_cancel_import,
    export_splats.LIVESCAPE_OT_export_splats,
    convert_points.LIVESCAPE_OT_convert_points,
    switch_native.LIVESCAPE_OT_switch_native,
    *motion_draw.CLASSES,
    *motion_edit.CLASSES,
    *motion_files.CLASSES,
    *motion_paint.CLASSES,
    *motion_preview.CLASSES,
    *unused_caches.CLASSES,
    *servers.CLASSES,
    show_in_viewport.LIVESCAPE_OT_show_in_viewport,
    *set_up.CLASSES,
    *optional_networks.CLASSES,
    *local_server.CLASSES,
)


def register() -> None:
    """Register the operators."""
    for cls in CLASSES:
        use_context(cls)
        bpy.utils.register_class(cls)


def unregister() -> None:
    """Undo :func:`register`."""
    for cls in reversed(CLASSES):
        bpy.utils.unregister_class(cls)
