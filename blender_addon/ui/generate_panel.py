"""How much work a generation does."""

from __future__ import annotations

import bpy

from ..properties import settings_of, state_of
from . import sections
from .sidebar import SidebarPanel


class LIVESCAPE_PT_generate(SidebarPanel):
    """The preset, and the name of what is made."""

    bl_label = "Generate"
    bl_parent_id = "LIVESCAPE_PT_main"

    def draw(self, context: bpy.types.Context) -> None:
        """Draw the panel."""
        layout, group = self.layout, settings_of(context.scene)
        layout.use_property_split = True
        layout.use_property_decorate = False
        column = layout.column()
        column.enabled = not state_of(context).is_running
        column.prop(group, "preset")
        column.prop(group, "object_name")


class LIVESCAPE_PT_settings(SidebarPanel):
    """All settings, which a preset sets."""

    bl_label = "Settings"
    bl_parent_id = "LIVESCAPE_PT_generate"
    bl_options = {"DEFAULT_CLOSED"}

    def draw(self, context: bpy.types.Context) -> None:
        """Draw the panel."""
        self.layout.use_property_split = True
        self.layout.use_property_decorate = False
        sections.draw_settings(self.layout, settings_of(context.scene))
