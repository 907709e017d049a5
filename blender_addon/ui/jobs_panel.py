"""The list of what this file has had made: what it was made with, and what to do with it."""

from __future__ import annotations

import time
from pathlib import Path

import bpy

from livescape_shared.counted import counted

from ..generate import history, records
from ..generate.records import Record
from ..generate.remaining import clock_time
from ..translations.words import iface
from . import sections, thumbnails
from .sidebar import SidebarPanel

THUMBNAIL_SCALE = 3.0
SHOWN = 12
"""Newest ones that are listed."""

_ENDS = {records.CANCELLED: "cancelled, coarse", records.ENDED: "failed, coarse"}


class LIVESCAPE_PT_jobs(SidebarPanel):
    """Generations of this file that are over."""

    bl_label = "Jobs"
    bl_parent_id = "LIVESCAPE_PT_generate"
    bl_options = {"DEFAULT_CLOSED"}

    def draw(self, context: bpy.types.Context) -> None:
        """Draw the panel."""
        past = history.past_jobs()
        if not past:
            self.layout.label(text="Nothing has been generated for this file", icon="INFO")
        for record in past[:SHOWN]:
            _draw_job(self.layout, context, record)
        if len(past) > SHOWN:
            older = len(past) - SHOWN
            text = iface(counted(older, "and {0} older one", "and {0} older ones"), older)
            self.layout.label(text=text, translate=False)


def _draw_job(layout: bpy.types.UILayout, context: bpy.types.Context, record: Record) -> None:
    box = layout.box()
    row = box.row()
    photo = str(record.chosen.get("photo", ""))
    icon = thumbnails.icon_of(Path(bpy.path.abspath(photo))) if photo else 0
    if icon:
        row.template_icon(icon_value=icon, scale=THUMBNAIL_SCALE)
    characters = sections.characters_per_line(context) - (5 if icon else 0)
    column = row.column(align=True)
    for line in _lines(record):
        sections.draw_text(column, line, "NONE", max(characters, 12))
    row = box.row(align=True)
    row.operator("livescape.show_job", icon="HIDE_OFF").record = record.id
    row.operator("livescape.delete_job", text="", icon="TRASH").record = record.id
    box.operator("livescape.use_settings", icon="LOOP_BACK").record = record.id


def _lines(record: Record) -> list[str]:
    """Return what the list says of a generation, line by line."""
    chosen = record.chosen
    preset = iface(str(chosen.get("preset", "")).title())
    if chosen.get("preset_edited"):
        preset = iface("{0}, edited", preset)
    size, most = chosen.get("working_size"), chosen.get("gaussian_budget")
    settings = iface("{0} px, {1} Gaussians", size, f"{most:,}") if size and most else ""
    began = time.strftime("%Y-%m-%d %H:%M", time.localtime(record.started))
    took = iface("took {0}", clock_time(record.seconds))
    ended = iface(_ENDS.get(record.state, ""))
    first = ": ".join(filter(None, (record.name, preset)))
    lines = (first, settings, began, ", ".join(filter(None, (took, ended))))
    return [line for line in lines if line]
