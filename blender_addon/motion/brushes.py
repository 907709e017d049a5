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


BLEED = "livescape_seam_bleed"
"""Custom property of a scene: how far paint went beyond seams before a mask was painted."""


def take_up(context: Any, meaning: str) -> None:
    """Take the brush for a meaning, in *Texture Paint*; there are none without a window."""
    settings = context.tool_settings.image_paint
    settings.mode = "MATERIAL"
    if settings.seam_bleed:  # beyond an edge of the photo it would go on at the opposite one
        context.scene[BLEED] = settings.seam_bleed
        settings.seam_bleed = 0
    name = "Erase Hard" if meaning == ERASES else "Paint Hard"
    with suppress(RuntimeError):  # a Blender without its assets: the brush at hand then
        bpy.ops.brush.asset_activate(
            asset_library_type="ESSENTIALS", relative_asset_identifier=_ASSETS + name
        )
    if meaning in COLORS:
        set_image_paint_color(context, COLORS[meaning])


def put_down(context: Any) -> None:
    """Leave the settings of brushes as they were."""
    bleed = context.scene.pop(BLEED, None)
    if bleed is not None:
        context.tool_settings.image_paint.seam_bleed = bleed


def at_hand(context: Any) -> str:
    """Return the meaning of the brush that is used now, empty if it is none of ours."""
    brush = context.tool_settings.image_paint.brush
    if brush is None:
        return ""
    if brush.blend == "ERASE_ALPHA":
        return ERASES
    red, green, _ = image_paint_color(context)
    return MOVES if green >= red else STANDS
