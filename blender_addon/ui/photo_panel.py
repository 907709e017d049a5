"""The photo: which one, and how it lies in the frame."""

from __future__ import annotations

import bpy

from ..properties import settings_of, state_of
from . import sections
from .sidebar import SidebarPanel


class LIVESCAPE_PT_photo(SidebarPanel):
    """The photo, and how it lies in the frame."""

    bl_label = "Photo"
    bl_parent_id = "LIVESCAPE_PT_main"

    def draw(self, context: bpy.types.Context) -> None:
        """Draw the panel."""
        layout, scene = self.layout, context.scene
        layout.use_property_split = True
        layout.use_property_decorate = False
        column = layout.column()
        column.enabled = not state_of(context).is_running
        column.prop(settings_of(scene), "photo")
        sections.draw_frame(column, scene, sections.characters_per_line(context))
