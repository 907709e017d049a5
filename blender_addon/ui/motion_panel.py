"""What moves in the photo, and how."""

from __future__ import annotations

import bpy

from ..properties import settings_of
from . import sections
from .sidebar import SidebarPanel


class LIVESCAPE_PT_motion(SidebarPanel):
    """What the artist says about motion."""

    bl_label = "Motion"
    bl_parent_id = "LIVESCAPE_PT_main"
    bl_options = {"DEFAULT_CLOSED"}

    def draw(self, context: bpy.types.Context) -> None:
        """Draw the panel."""
        self.layout.use_property_split = True
        self.layout.use_property_decorate = False
        for name in sections.INPUT_FILES:
            self.layout.prop(settings_of(context.scene), name)
