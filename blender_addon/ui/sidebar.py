"""Where every panel of ours is, and how it looks."""

from __future__ import annotations

import bpy


class SidebarPanel(bpy.types.Panel):
    """Mixed into the panels of the Livescape tab in the 3D viewport's sidebar."""

    bl_space_type = "VIEW_3D"
    bl_region_type = "UI"
    bl_category = "Livescape"


def align_values(layout: bpy.types.UILayout) -> None:
    """Let names stand left of their values, without dots for keyframes."""
    layout.use_property_split = True
    layout.use_property_decorate = False
