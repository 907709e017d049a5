"""The camera and its move."""

from __future__ import annotations

import bpy

from ..camera import checking
from ..camera.measured import measured
from ..camera.remarks import remarks
from ..properties import settings_of, state_of
from ..translations.words import iface
from . import sections
from .sidebar import SidebarPanel, align_values


class LIVESCAPE_PT_camera(SidebarPanel):
    """Which camera over which frames will be read."""

    bl_label = "Camera"
    bl_parent_id = "LIVESCAPE_PT_main"

    def draw(self, context: bpy.types.Context) -> None:
        """Draw the panel."""
        layout, scene = self.layout, context.scene
        align_values(layout)
        column = layout.column()
        column.enabled = not state_of(context).is_running
        sections.draw_camera(column, scene)
        column.operator("livescape.match_camera", icon="CAMERA_DATA")
        for remark in remarks(scene):
            sections.draw_text(column, remark, "INFO", sections.characters_per_line(context))


class LIVESCAPE_PT_move(SidebarPanel):
    """Ready-made moves, and how much of each frame the photo cannot show."""

    bl_label = "Move"
    bl_parent_id = "LIVESCAPE_PT_camera"
    bl_options = {"DEFAULT_CLOSED"}

    def draw(self, context: bpy.types.Context) -> None:
        """Draw the panel."""
        layout, scene = self.layout, context.scene
        align_values(layout)
        column = layout.column()
        column.enabled = not state_of(context).is_running
        column.operator_menu_enum("livescape.add_move", "kind", icon="ANIM")
        group = settings_of(scene).camera
        column.prop(group, "limit")
        row = column.row(align=True)
        row.operator("livescape.check_move", icon="VIEWZOOM")
        row.operator("livescape.fit_path", icon="FULLSCREEN_EXIT")
        found = measured(scene)
        if checking.is_running():
            column.label(text="Looking at the photo and the move", icon="TIME")
            column.operator("livescape.cancel_check", text=iface("Cancel"), icon="X")
        elif found is not None:
            icon = "CHECKMARK" if found.fits else "ERROR"
            sections.draw_text(column, str(found), icon, sections.characters_per_line(context))
            if found.is_old(scene):
                column.label(text="The camera has moved since", icon="FILE_REFRESH")
            now = found.at(scene.frame_current)
            text = iface("Frame {0}: {1} % missing", scene.frame_current, f"{now.total:.0f}")
            column.label(text=text, icon="BLANK1", translate=False)
            column.prop(group, "show_strip")
            column.prop(group, "show_volume")


class LIVESCAPE_PT_camera_files(SidebarPanel):
    """Cameras of other programs in, and ours out."""

    bl_label = "Import and Export Cameras"
    bl_parent_id = "LIVESCAPE_PT_camera"
    bl_options = {"DEFAULT_CLOSED"}

    def draw(self, context: bpy.types.Context) -> None:
        """Draw the panel."""
        self.layout.operator("livescape.import_cameras", icon="IMPORT")
        self.layout.operator("livescape.export_camera_path", icon="EXPORT")
