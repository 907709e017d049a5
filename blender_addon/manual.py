"""F1 and *Online Manual*: which part of the manual tells about what.

The manual is part of the extension, so that it is that of this version and needs no network.
"""

from __future__ import annotations

from pathlib import Path

import bpy

PAGES = Path(__file__).parent / "manual"

_SECTIONS: dict[str, tuple[str, ...]] = {
    "blender.html#set-up": (
        "ops.set_up",
        "ops.cancel_set_up",
        "ops.remove_backend",
        "ops.copy_set_up",
        "ops.list_models",
        "ops.fetch_model",
        "preferences",
    ),
    "blender.html#how-the-backend-stands": ("ops.ask_server", "ops.restart_server", "ops.open_log"),
    "remote.html": (
        "ops.add_server",
        "ops.add_server_file",
        "ops.test_server",
        "ops.use_server",
        "ops.remove_server",
        "preferences.server",
        "preferences.compression",
    ),
    "blender.html#use": (
        "ops.choose_photo",
        "ops.use_image",
        "ops.use_asset_photo",
        "ops.match_camera",
        "ops.generate",
        "ops.copy_details",
        "ops.add_preset",
        "ops.reset_preset",
        "ops.prepare_render",
        "ops.put_right",
        "ops.use_standard_look",
        "ops.restore_render",
        "settings",
    ),
    "blender.html#the-move": (
        "ops.check_move",
        "ops.cancel_check",
        "ops.fit_path",
        "ops.add_move",
        "camera",
    ),
    "camera_path.html": ("ops.import_cameras", "ops.export_camera_path"),
    "blender.html#files-of-your-own": tuple(
        f"settings.{name}_file" for name in ("depth", "mask", "hints", "flow", "clip")
    ),
    "blender.html#drawing-motion": (
        "ops.draw_motion",
        "ops.take_over_drawing",
        "ops.paint_mask",
        "ops.end_painting",
        "ops.remove_stroke",
        "ops.import_motion",
        "ops.export_motion",
        "ops.preview_motion",
        "ops.stop_preview",
        "ops.sky_and_water",
        "stroke",
        "drawn",
    ),
    "blender.html#what-you-see-meanwhile": ("ops.show_in_viewport", "settings.show_early"),
    "blender.html#while-a-generation-runs": (
        "ops.cancel",
        "ops.resume",
        "ops.discard",
        "ops.show_job",
        "ops.use_settings",
        "ops.delete_job",
    ),
    "blender.html#which-cache-belongs-to-what": (
        "ops.rebuild",
        "ops.find_unused_caches",
        "ops.remove_unused_cache",
    ),
    "farm.html": ("ops.collect_for_farm",),
    "exchange.html": (
        "ops.import_splats",
        "ops.cancel_import",
        "ops.convert_points",
        "ops.export_splats",
    ),
    "blender.html#exact-srgb-blending": ("ops.set_up_srgb", "ops.restore_srgb"),
    "blender.html#depth-pass": ("ops.add_depth_pass", "ops.remove_depth_pass"),
    "blender.html#blenders-own-splats-53": ("ops.switch_native",),
}
"""Page and heading, and what they tell about: an operator, a group of properties, or one of it."""

_GROUPS = {
    "ops": "bpy.ops.livescape",
    "settings": "bpy.types.livescapesettings",
    "camera": "bpy.types.livescapecamerasettings",
    "stroke": "bpy.types.strokesettings",
    "drawn": "bpy.types.drawnmotion",
    "preferences": "bpy.types.livescapepreferences",
}


def manual_map() -> tuple[str, tuple[tuple[str, str], ...]]:
    """Return the folder of the pages, and what is where in them; the first pattern that fits."""
    rows = [(what, place) for place, told in _SECTIONS.items() for what in told]
    rows.sort(key=lambda row: "." not in row[0])  # a whole group after those of it named singly
    return f"{PAGES.as_uri()}/", tuple((_pattern(what), place) for what, place in rows)


def register() -> None:
    """Let Blender find the manual."""
    bpy.utils.register_manual_map(manual_map)


def unregister() -> None:
    """Undo :func:`register`."""
    bpy.utils.unregister_manual_map(manual_map)


def _pattern(what: str) -> str:
    group, _, name = what.partition(".")
    return f"{_GROUPS[group]}.{name or '*'}"
