"""Where the backend is, what it is set up from, and which servers there are."""

# mypy: disable-error-code="valid-type"
# Blender reads property definitions from annotations, which a type checker takes for types.

from __future__ import annotations

from typing import Any

import bpy

from .servers.compression import COMPRESSIONS, LOSSLESS
from .setting_up import watch
from .setting_up.python import ENVIRONMENT_VARIABLE
from .ui import backend_section, servers


def _changed(own: Any, context: bpy.types.Context) -> None:
    watch.look_again()


class LivescapePreferences(bpy.types.AddonPreferences):
    """Preferences of the add-on."""

    bl_idname = __package__

    wheel_folder: bpy.props.StringProperty(
        name="Folder of Wheels",
        description=(
            "A folder with Python packages (.whl) that Set Up takes before it asks the network. "
            "With online access off, all are taken from it"
        ),
        subtype="DIR_PATH",
    )
    package_index: bpy.props.StringProperty(
        name="Package Index",
        description="Address of a package index to use in place of PyPI and that of PyTorch",
    )
    use_card: bpy.props.BoolProperty(
        name="Use Graphics Card",
        description="Set up for an NVIDIA card if there is one. Without, the processor computes",
        default=True,
    )
    networks: bpy.props.BoolProperty(
        name="Libraries of Optional Networks",
        description="Also install what the networks for depth and hidden surfaces need",
    )
    backend_folder: bpy.props.StringProperty(
        name="Backend Folder",
        description="Where the backend is set up. If empty, in the add-on's own folder",
        subtype="DIR_PATH",
        update=_changed,
    )
    backend_python: bpy.props.StringProperty(
        name="Backend Python",
        description=(
            "Python of an environment of your own in which the Livescape backend is installed, or "
            "the folder of that environment, in place of what Set Up has made. If empty, the "
            f"variable {ENVIRONMENT_VARIABLE} counts"
        ),
        subtype="FILE_PATH",
        update=_changed,
    )

    server: bpy.props.StringProperty(
        name="Server",
        description="Paired server that Generate uses. If empty, this computer computes",
    )
    compression: bpy.props.EnumProperty(
        name="Compression",
        description="How scenes are packed on their way from another computer",
        items=COMPRESSIONS,
        default=LOSSLESS,
    )

    show_models: bpy.props.BoolProperty(
        name="Optional Networks", description="List the networks that can be downloaded"
    )
    show_own: bpy.props.BoolProperty(
        name="Folders and Sources", description="Where the backend is and what it is made from"
    )

    def draw(self, context: bpy.types.Context) -> None:
        """Draw the preferences."""
        layout = self.layout
        backend_section.draw(layout, context)
        layout.separator()
        servers.draw_list(layout, context)
        servers.draw_compression(layout, self)
