"""The photo: which one, and how it lies in the frame."""

from __future__ import annotations

from typing import Any

import bpy

from ..photo.kinds import EXTENSIONS
from ..properties import settings_of, state_of
from . import sections
from .sidebar import SidebarPanel, align_values


class LIVESCAPE_PT_photo(SidebarPanel):
    """The photo, and how it lies in the frame."""

    bl_label = "Photo"
    bl_parent_id = "LIVESCAPE_PT_main"

    def draw(self, context: bpy.types.Context) -> None:
        """Draw the panel."""
        layout, scene = self.layout, context.scene
        align_values(layout)
        column = layout.column()
        column.enabled = not state_of(context).is_running
        column.prop(settings_of(scene), "photo")
        row = column.row(align=True)
        row.operator_context = "INVOKE_DEFAULT"
        row.operator("livescape.choose_photo", text="Choose", icon="FILE_IMAGE")
        row.operator("livescape.use_image", icon="IMAGE_DATA")
        sections.draw_frame(column, scene, sections.characters_per_line(context))


class LIVESCAPE_FH_photo(bpy.types.FileHandler):
    """A photo may be dropped into a 3D viewport that shows the Livescape tab."""

    bl_idname = "LIVESCAPE_FH_photo"
    bl_label = "Livescape Photo"
    bl_import_operator = "livescape.choose_photo"
    bl_file_extensions = EXTENSIONS

    @classmethod
    def poll_drop(cls, context: bpy.types.Context) -> bool:
        """Only where the tab is open: elsewhere, images are dropped for other reasons."""
        area = context.area
        if area is None or area.type != "VIEW_3D":
            return False
        sidebars = [region for region in area.regions if region.type == "UI" and region.width > 1]
        return any(each.active_panel_category == SidebarPanel.bl_category for each in sidebars)


def _draw_asset_entry(menu: bpy.types.Menu, context: Any) -> None:
    asset = getattr(context, "asset", None)
    if asset is not None and asset.id_type == "IMAGE":
        menu.layout.separator()
        menu.layout.operator("livescape.use_asset_photo", icon="FILE_IMAGE")


def add_to_menus() -> None:
    """Add the entry of the asset browser's menu."""
    bpy.types.ASSETBROWSER_MT_context_menu.append(_draw_asset_entry)


def remove_from_menus() -> None:
    """Undo :func:`add_to_menus`."""
    bpy.types.ASSETBROWSER_MT_context_menu.remove(_draw_asset_entry)
