"""Brushes of *Texture Paint* for painted masks."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import bpy

from ..compat import image_paint_color, set_image_paint_color
from .paint import COLORS
from .properties import MOVES, STANDS

ERASES = "ERASES"
MEANINGS = [
    (MOVES, "Moves", "What is painted moves; nothing else does then, but for moving regions"),
    (STANDS, "Stands", "What is painted stands still, whatever else says"),
    (ERASES, "Erase", "Nothing is said of what is erased"),
]
"""What a brush can be used for."""

_ASSETS = "brushes/essentials_brushes-mesh_texture.blend/Brush/"


def take_up(context: Any, meaning: str) -> None:
    """Take the brush for a meaning, in *Texture Paint*; there are none without a window."""
    settings = context.tool_settings.image_paint
    settings.mode = "MATERIAL"
    name = "Erase Hard" if meaning == ERASES else "Paint Hard"
    with suppress(RuntimeError):  # a Blender without its assets: the brush at hand then
        bpy.ops.brush.asset_activate(
            asset_library_type="ESSENTIALS", relative_asset_identifier=_ASSETS + name
        )
    if meaning in COLORS:
        set_image_paint_color(context, COLORS[meaning])


def at_hand(context: Any) -> str:
    """Return the meaning of the brush that is used now, empty if it is none of ours."""
    brush = context.tool_settings.image_paint.brush
    if brush is None:
        return ""
    if brush.blend == "ERASE_ALPHA":
        return ERASES
    red, green, _ = image_paint_color(context)
    return MOVES if green >= red else STANDS
