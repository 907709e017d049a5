"""Import and export in Blender's File menu and in the sidebar."""

from __future__ import annotations

from typing import Any

import bpy

from livescape_shared.formats.kinds import SUFFIXES

from ..exchange import importing
from ..translations.words import iface
from .sidebar import SidebarPanel


class LIVESCAPE_PT_exchange(SidebarPanel):
    """Splats of other programs in, and ours out."""

    bl_label = "Import and Export"
    bl_parent_id = "LIVESCAPE_PT_main"
    bl_options = {"DEFAULT_CLOSED"}

    def draw(self, context: bpy.types.Context) -> None:
        """Draw the panel."""
        current = importing.current()
        if current is None:
            self.layout.operator("livescape.import_splats", icon="IMPORT")
        else:
            row = self.layout.row()
            row.label(text=current.label, icon="SORTTIME", translate=False)
            row.operator("livescape.cancel_import", text="", icon="X")
            text = f"{iface(current.stage)}  {current.fraction:.0%}"
            self.layout.progress(factor=current.fraction, text=text)
        self.layout.operator("livescape.convert_points", icon="POINTCLOUD_DATA")
        self.layout.operator("livescape.export_splats", icon="EXPORT")


class LIVESCAPE_FH_splats(bpy.types.FileHandler):
    """Splat files may be dropped into the 3D viewport."""

    bl_idname = "LIVESCAPE_FH_splats"
    bl_label = "Livescape Splats"
    bl_import_operator = "livescape.import_splats"
    bl_file_extensions = ";".join(SUFFIXES)

    @classmethod
    def poll_drop(cls, context: bpy.types.Context) -> bool:
        """Only in the 3D viewport."""
        return context.area is not None and context.area.type == "VIEW_3D"


def _draw_import(menu: bpy.types.Menu, context: Any) -> None:
    menu.layout.operator("livescape.import_splats", text="Livescape Splats (.ply/.spz/.sog/...)")


def _draw_export(menu: bpy.types.Menu, context: Any) -> None:
    menu.layout.operator("livescape.export_splats", text="Livescape Splats (.ply/.spz/.glb/.usd)")


def add_to_menus() -> None:
    """Add the entries of the File menu."""
    bpy.types.TOPBAR_MT_file_import.append(_draw_import)
    bpy.types.TOPBAR_MT_file_export.append(_draw_export)


def remove_from_menus() -> None:
    """Undo :func:`add_to_menus`."""
    bpy.types.TOPBAR_MT_file_export.remove(_draw_export)
    bpy.types.TOPBAR_MT_file_import.remove(_draw_import)
