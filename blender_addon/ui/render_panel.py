"""What a render needs, and what is done before it."""

from __future__ import annotations

import bpy

from ..operators.collect_for_farm import COLLECTING
from ..properties import state_of
from ..render_setup import prepare
from ..servers import tasks
from ..translations.words import iface
from . import sections
from .sidebar import SidebarPanel


class LIVESCAPE_PT_render(SidebarPanel):
    """What is done before and beside a render."""

    bl_label = "Render"
    bl_parent_id = "LIVESCAPE_PT_main"
    bl_options = {"DEFAULT_CLOSED"}

    def draw(self, context: bpy.types.Context) -> None:
        """Draw the panel."""
        layout = self.layout
        sections.draw_checklist(layout, context.scene)
        characters = sections.characters_per_line(context)
        for sentence in prepare.out_of_reach(context.scene):
            sections.draw_text(layout, sentence, "LIBRARY_DATA_DIRECT", characters)
        lacking = state_of(context).lacking
        if lacking:
            text = iface("The last render: {0}", lacking)
            sections.draw_text(layout, text, "ERROR", characters)
        layout.operator("livescape.prepare_render", icon="RENDER_ANIMATION")
        layout.operator("livescape.restore_render", icon="LOOP_BACK")
        layout.operator("livescape.rebuild", icon="FILE_REFRESH")
        layout.operator("livescape.collect_for_farm", icon="PACKAGE")
        collected = tasks.outcome(COLLECTING)
        if tasks.is_busy(COLLECTING):
            layout.label(text="Collecting the shot", icon="SORTTIME")
        elif collected is not None:
            icon = "CHECKMARK" if collected.error is None else "ERROR"
            sections.draw_text(layout, collected.text, icon, characters)
