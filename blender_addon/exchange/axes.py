"""The choice between the axes of splat files, as Blender's file dialogs offer it."""

from __future__ import annotations

from typing import Any

import bpy

from livescape_shared.formats.export import DEFAULT_AXES
from livescape_shared.formats.load import AXES_OF_FILE
from livescape_shared.splats import AXES

_LABELS = {
    "y_down": ("Y Down (3DGS)", "x right, y down, z into the picture: what 3DGS tools write"),
    "y_up": ("Y Up", "x right, y up, z out of the picture: OpenGL and glTF"),
    "z_up": ("Z Up (Blender)", "As the world of Blender is"),
}


def axes_property(description: str) -> Any:
    """Return an enumeration of the axes that a PLY may have."""
    items = [(name, *_LABELS[name]) for name in AXES]
    return bpy.props.EnumProperty(
        name="Axes", description=description, items=items, default=DEFAULT_AXES
    )


def axes_found_property(description: str) -> Any:
    """Return an enumeration of the axes that a file may have, those that it states among them."""
    stated = (AXES_OF_FILE, "As in the File", "What the file states; where it states none, Y down")
    items = [stated, *((name, *_LABELS[name]) for name in AXES)]
    return bpy.props.EnumProperty(
        name="Axes", description=description, items=items, default=AXES_OF_FILE
    )
