"""Where the backend's Python is, and which servers there are."""

# mypy: disable-error-code="valid-type"
# Blender reads property definitions from annotations, which a type checker takes for types.

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import bpy

from livescape_shared.errors import LivescapeError

from .ui import servers

ENVIRONMENT_VARIABLE = "LIVESCAPE_PYTHON"
_EXECUTABLES = ("bin/python3", "bin/python", "Scripts/python.exe", "python.exe", "python3")


class LivescapePreferences(bpy.types.AddonPreferences):
    """Preferences of the add-on."""

    bl_idname = __package__

    backend_python: bpy.props.StringProperty(
        name="Backend Python",
        description=(
            "Python of the environment in which the Livescape backend is installed, or the folder "
            f"of that environment. If empty, the variable {ENVIRONMENT_VARIABLE} is used"
        ),
        subtype="FILE_PATH",
    )

    server: bpy.props.StringProperty(
        name="Server",
        description="Paired server that Generate uses. If empty, this computer computes",
    )

    def draw(self, context: bpy.types.Context) -> None:
        """Draw the preferences."""
        layout = self.layout
        layout.use_property_split = True
        layout.prop(self, "backend_python")
        layout.separator()
        servers.draw_list(layout, context)


def backend_python(context: bpy.types.Context) -> Path:
    """Return the Python with which the server is started.

    Raises:
        LivescapeError: ``backend_missing`` if none is named or none is there.
    """
    addon: Any = context.preferences.addons.get(__package__) if context.preferences else None
    named = addon.preferences.backend_python if addon else ""
    named = bpy.path.abspath(named) or os.environ.get(ENVIRONMENT_VARIABLE, "")
    if not named:
        raise LivescapeError(
            "backend_missing",
            "Blender does not know where the Livescape backend is installed.",
            hint="Choose its Python in the preferences of the add-on.",
        )
    place = Path(named)
    candidates = [place / name for name in _EXECUTABLES] if place.is_dir() else [place]
    for candidate in candidates:
        if candidate.is_file():
            return candidate
    raise LivescapeError(
        "backend_missing",
        f"There is no Python at {place.name}.",
        hint="Correct the Backend Python in the preferences of the add-on.",
    )
