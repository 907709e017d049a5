"""What the artist sets about the move of the camera."""

# mypy: disable-error-code="valid-type"
# Blender reads property definitions from annotations, which a type checker takes for types.

from __future__ import annotations

from typing import Any

import bpy

from ..redraw import redraw_areas


def _redraw(group: Any, context: Any) -> None:
    redraw_areas()


class LivescapeCameraSettings(bpy.types.PropertyGroup):
    """How much may be missing, and what of it is shown."""

    limit: bpy.props.FloatProperty(
        name="Limit",
        description="How much of a frame the photo need not show. It is invented when the scene is "
        "made; the more, the more it shows",
        default=10.0,
        min=0.5,
        max=100.0,
        subtype="PERCENTAGE",
        update=_redraw,
    )
    show_strip: bpy.props.BoolProperty(
        name="Timeline Strip",
        description="Show in the timeline, frame by frame, how much the photo cannot show",
        default=True,
        update=_redraw,
    )
    show_volume: bpy.props.BoolProperty(
        name="Safe Volume",
        description="Show in the viewport where the camera can go within the limit, and where its "
        "path leaves it",
        default=True,
        update=_redraw,
    )
