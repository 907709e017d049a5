"""The camera and its move."""

from __future__ import annotations

import bpy

from ..properties import state_of
from . import sections
from .sidebar import SidebarPanel


class LIVESCAPE_PT_camera(SidebarPanel):
    """Which camera over which frames will be read."""

    bl_label = "Camera"
    bl_parent_id = "LIVESCAPE_PT_main"

    def draw(self, context: bpy.types.Context) -> None:
        """Draw the panel."""
        layout = self.layout
        layout.use_property_split = True
        layout.use_property_decorate = False
        column = layout.column()
        column.enabled = not state_of(context).is_running
        sections.draw_camera(column, context.scene)
        layout.operator("livescape.export_camera_path", icon="EXPORT")
