"""The list of servers in the preferences, and the choice among them in the panel."""

from __future__ import annotations

import bpy

from livescape_shared.remote.keys import fingerprint

from ..servers import tasks
from ..servers.choice import HERE, chosen_name
from ..servers.known import paired_servers
from ..translations.words import iface
from .sections import characters_per_line, draw_text

NAME_SHARE = 0.3
"""Part of a row that is the server's button."""

TEST_UNITS = 3.0
"""Width of *Test*, in widths of an icon."""


def draw_list(layout: bpy.types.UILayout, context: bpy.types.Context) -> None:
    """Draw this computer and the paired servers, each with what can be done with it."""
    chosen, characters = chosen_name(context), characters_per_line(context)
    layout.label(text="Generate computes on")
    box = layout.box()
    _draw_server(box, "", HERE, iface("the server starts by itself"), chosen == "")
    _draw_outcome(box, "", characters)
    for server in paired_servers():
        details = f"{server.place}   {fingerprint(server.key)}"
        _draw_server(box, server.name, server.name, details, chosen == server.name)
        _draw_outcome(box, server.name, characters)
    row = layout.row()
    row.operator("livescape.add_server", icon="ADD")
    row.operator("livescape.add_server_file", icon="FILE_FOLDER")
    _draw_outcome(layout, tasks.ADDING, characters)


def draw_compression(layout: bpy.types.UILayout, preferences: bpy.types.AddonPreferences) -> None:
    """Draw how scenes from other computers are packed, where there are such computers."""
    if paired_servers():
        layout.prop(preferences, "compression")


def _draw_server(
    layout: bpy.types.UILayout, name: str, title: str, details: str, chosen: bool
) -> None:
    split = layout.split(factor=NAME_SHARE)
    use = split.operator(
        "livescape.use_server",
        text=iface(title),
        icon="RADIOBUT_ON" if chosen else "RADIOBUT_OFF",
        depress=chosen,
    )
    use.name = name
    row = split.row()
    row.label(text=details, translate=False)
    test = row.row()
    test.ui_units_x = TEST_UNITS
    test.operator("livescape.test_server").name = name
    if name:
        row.operator("livescape.remove_server", text="", icon="TRASH").name = name
    else:
        row.label(text="", icon="BLANK1")  # this computer stays; its buttons stand in line


def _draw_outcome(layout: bpy.types.UILayout, about: str, characters: int) -> None:
    """Show how the last thing went that was asked about a server."""
    if tasks.is_busy(about):
        layout.label(text=iface("Connecting"), icon="TIME")
        return
    outcome = tasks.outcome(about)
    if outcome is None:
        return
    column = layout.column()
    column.alert = outcome.error is not None
    icon = "CHECKMARK" if outcome.error is None else "ERROR"
    draw_text(column, outcome.text, icon, characters)


class LIVESCAPE_MT_server(bpy.types.Menu):
    """Which server Generate uses."""

    bl_label = "Server"

    def draw(self, context: bpy.types.Context) -> None:
        """Draw the menu."""
        self.layout.operator("livescape.use_server", text=iface(HERE)).name = ""
        for server in paired_servers():
            self.layout.operator("livescape.use_server", text=str(server)).name = server.name


def draw_choice(layout: bpy.types.UILayout, context: bpy.types.Context) -> None:
    """Say which server Generate uses, and let it be changed, where there is a choice."""
    chosen = chosen_name(context)
    if chosen or paired_servers():
        text = iface("Computes on {0}", chosen or iface(HERE))
        layout.menu("LIVESCAPE_MT_server", text=text, icon="NETWORK_DRIVE")
