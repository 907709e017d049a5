"""How much work a generation does."""

from __future__ import annotations

import bpy

from livescape_shared.setting_words import GROUPS

from ..operators.presets import own_presets_label
from ..properties import edited, settings_of, state_of
from ..translations.words import iface
from .needs import draw_needs
from .sections import characters_per_line
from .sidebar import SidebarPanel, align_values


class LIVESCAPE_PT_generate(SidebarPanel):
    """The preset, and the name of what is made."""

    bl_label = "Generate"
    bl_parent_id = "LIVESCAPE_PT_main"

    def draw(self, context: bpy.types.Context) -> None:
        """Draw the panel."""
        layout, group = self.layout, settings_of(context.scene)
        align_values(layout)
        column = layout.column()
        column.enabled = not state_of(context).is_running
        column.prop(group, "preset")
        if edited(group):
            row = column.row(align=True)
            text = iface("{0}, edited", iface(group.preset.title()))
            row.label(text=text, icon="GREASEPENCIL", translate=False)
            row.operator("livescape.reset_preset", text="", icon="LOOP_BACK")
        row = column.row(align=True)
        row.menu("LIVESCAPE_MT_presets", text=own_presets_label())
        row.operator("livescape.add_preset", text="", icon="ADD")
        row.operator("livescape.add_preset", text="", icon="REMOVE").remove_active = True
        column.prop(group, "object_name")
        column.prop(group, "show_early")
        draw_needs(layout.column(), context, characters_per_line(context))


class LIVESCAPE_PT_settings(SidebarPanel):
    """All settings, which a preset sets."""

    bl_label = "Settings"
    bl_parent_id = "LIVESCAPE_PT_generate"
    bl_options = {"DEFAULT_CLOSED"}

    def draw(self, context: bpy.types.Context) -> None:
        """Draw the panel."""
        align_values(self.layout)
        group = settings_of(context.scene)
        for index, each in enumerate(GROUPS):
            header, body = self.layout.panel(f"livescape_{index}", default_closed=index > 0)
            header.label(text=iface(each.name), translate=False)
            for name in each.settings if body is not None else ():
                body.prop(group, name)
