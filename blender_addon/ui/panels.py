"""One panel in the order of the work - photo, camera, generate - and closed ones for the rest."""

from __future__ import annotations

import bpy

from ..properties import settings_of, state_of
from . import sections
from .servers import draw_choice
from .sidebar import SidebarPanel


class LIVESCAPE_PT_main(SidebarPanel):
    """Photo, camera, preset, Generate."""

    bl_label = "Livescape"

    def draw(self, context: bpy.types.Context) -> None:
        """Draw the panel."""
        scene, state = context.scene, state_of(context)
        characters = sections.characters_per_line(context)
        layout = self.layout
        layout.use_property_split = True
        layout.use_property_decorate = False
        column = layout.column()
        column.enabled = not state.is_running
        column.prop(settings_of(scene), "photo")
        sections.draw_camera(column, scene)
        sections.draw_frame(column, scene, characters)
        column.prop(settings_of(scene), "preset")
        if state.is_running:
            sections.draw_progress(layout, state, characters)
        else:
            layout.operator("livescape.generate", icon="PLAY")
            draw_choice(layout, context)
        sections.draw_outcome(layout, state, characters)
        sections.draw_offers(layout, characters)
        sections.draw_caches(layout, scene, characters)
        sections.draw_ends(layout, scene, characters)
        sections.draw_look(layout, scene)
        sections.draw_unprepared(layout, scene, characters)


class LIVESCAPE_PT_inputs(SidebarPanel):
    """Files that replace an estimate."""

    bl_label = "Depth and Motion Files"
    bl_parent_id = "LIVESCAPE_PT_main"
    bl_options = {"DEFAULT_CLOSED"}

    def draw(self, context: bpy.types.Context) -> None:
        """Draw the panel."""
        self.layout.use_property_split = True
        self.layout.use_property_decorate = False
        for name in sections.INPUT_FILES:
            self.layout.prop(settings_of(context.scene), name)


class LIVESCAPE_PT_settings(SidebarPanel):
    """All settings, which a preset sets."""

    bl_label = "Settings"
    bl_parent_id = "LIVESCAPE_PT_main"
    bl_options = {"DEFAULT_CLOSED"}

    def draw(self, context: bpy.types.Context) -> None:
        """Draw the panel."""
        self.layout.use_property_split = True
        self.layout.use_property_decorate = False
        self.layout.prop(settings_of(context.scene), "object_name")
        sections.draw_settings(self.layout, settings_of(context.scene))


class LIVESCAPE_PT_render(SidebarPanel):
    """What is done before and beside a render."""

    bl_label = "Render"
    bl_parent_id = "LIVESCAPE_PT_main"
    bl_options = {"DEFAULT_CLOSED"}

    def draw(self, context: bpy.types.Context) -> None:
        """Draw the panel."""
        layout = self.layout
        sections.draw_checklist(layout, context.scene)
        lacking = state_of(context).lacking
        if lacking:
            text = f"The last render: {lacking}"
            sections.draw_text(layout, text, "ERROR", sections.characters_per_line(context))
        layout.operator("livescape.prepare_render", icon="RENDER_ANIMATION")
        layout.operator("livescape.restore_render", icon="LOOP_BACK")
        layout.operator("livescape.rebuild", icon="FILE_REFRESH")
        layout.operator("livescape.export_camera_path", icon="EXPORT")
