"""The main panel: what is missing, Generate, and how it goes; below it the work in its order.

Photo, camera, motion, generate and render are sub-panels, each in a file of its own; the list of
``ui/__init__.py`` is their order.
"""

from __future__ import annotations

import bpy

from ..properties import state_of
from . import sections
from .backend_line import draw_line
from .needs import draw_lack
from .servers import draw_choice
from .sidebar import SidebarPanel, align_values


class LIVESCAPE_PT_main(SidebarPanel):
    """Generate or its progress, and what there is to say."""

    bl_label = "Livescape"

    def draw(self, context: bpy.types.Context) -> None:
        """Draw the panel."""
        scene, state = context.scene, state_of(context)
        characters = sections.characters_per_line(context)
        layout = self.layout
        align_values(layout)
        draw_line(layout, context, characters)
        if state.is_running:
            sections.draw_progress(layout, state, characters)
        else:
            sections.draw_missing(layout, context, characters)
            draw_lack(layout, context, characters)
            layout.operator("livescape.generate", icon="PLAY")
            draw_choice(layout, context)
        sections.draw_outcome(layout, state, characters)
        sections.draw_offers(layout, characters)
        sections.draw_caches(layout, scene, characters)
        sections.draw_ends(layout, scene, characters)
        sections.draw_shading(layout, context, characters)
        sections.draw_look(layout, scene)
        sections.draw_unprepared(layout, scene, characters)
