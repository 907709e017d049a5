"""Generations of the open .blend that were left behind: by closing it, by a crash, by a switch."""

from __future__ import annotations

from pathlib import Path

import bpy

from livescape_shared.errors import LivescapeError

from ..cache.cache_folder import caches_folder
from . import records
from .records import Record

_found: dict[str, list[Record]] = {}
"""What was found for the .blend that is open; a panel is drawn often, a disk may be slow."""


def look_again() -> None:
    """Forget what was found, because something has ended, was saved or opened."""
    _found.clear()


def open_offers(but: str = "") -> list[Record]:
    """Return what can be taken up again in the open .blend, oldest first.

    Args:
        but: Id of a record that is left out: the one that is running here.
    """
    blend = bpy.data.filepath
    if blend not in _found:
        _found.clear()
        _found[blend] = _read()
    return [each for each in _found[blend] if each.id != but]


def discard(record: Record) -> None:
    """Forget a generation; a cache that is whole stays among those that nothing plays."""
    records.remove_record(caches_folder(), record)
    look_again()


def _read() -> list[Record]:
    try:
        root = caches_folder()
    except LivescapeError:
        return []
    found = records.read_records(root, Path(bpy.data.filepath).name)
    return [each for each in found if each.state in records.OPEN and not each.is_followed_elsewhere]
