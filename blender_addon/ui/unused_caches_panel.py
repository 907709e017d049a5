"""The panel of caches that nothing plays any more: a list that is made when asked for."""

from __future__ import annotations

import bpy

from livescape_shared.sizes import size_text

from ..cache.generations import UnusedCache, unused_caches
from ..generate import superseded
from ..translations.words import iface
from . import sections
from .sidebar import SidebarPanel

_found: dict[str, list[UnusedCache]] = {}
"""What was found for the .blend that is open; kept out of the file, whose text is searched."""


def look() -> list[UnusedCache]:
    """Look again, keep what is found for the panel and return it; not what goes by itself.

    Raises:
        LivescapeError: As :func:`cache.generations.unused_caches`.
    """
    _found.clear()
    leaving = superseded.waiting()
    _found[bpy.data.filepath] = [
        each for each in unused_caches() if each.folder.resolve() not in leaving
    ]
    return found()


def found() -> list[UnusedCache]:
    """Return what was found for the .blend that is open, as far as it is still there."""
    return [each for each in _found.get(bpy.data.filepath, []) if each.folder.exists()]


class LIVESCAPE_PT_unused_caches(SidebarPanel):
    """Caches that nothing in this file plays any more."""

    bl_label = "Unused Caches"
    bl_parent_id = "LIVESCAPE_PT_main"
    bl_options = {"DEFAULT_CLOSED"}

    def draw(self, context: bpy.types.Context) -> None:
        """Draw the panel."""
        layout, characters = self.layout, sections.characters_per_line(context)
        layout.operator("livescape.find_unused_caches", icon="VIEWZOOM")
        if bpy.data.filepath not in _found:
            return
        unused = found()
        if not unused:
            layout.label(text="Everything is in use", icon="CHECKMARK")
            return
        for each in unused:
            self._draw_cache(each, characters)
        text = "A .blend file in another folder may still play these; it is not searched."
        sections.draw_text(layout, text, "INFO", characters)

    def _draw_cache(self, unused: UnusedCache, characters: int) -> None:
        box = self.layout.box()
        row = box.row()
        text = f"{unused.folder.name}, {size_text(unused.bytes)}"
        row.label(text=text, translate=False)
        if unused.players:
            text = iface("May be played by {0}", ", ".join(unused.players))
            sections.draw_text(box, text, "LOCKED", characters)
            return
        remove = row.operator("livescape.remove_unused_cache", text="", icon="TRASH")
        remove.folder = unused.folder.name
        if not unused.name:
            sections.draw_text(box, "Never finished", "INFO", characters)
