"""Generations of the open .blend that were left behind: by closing it, by a crash, by a switch."""

from __future__ import annotations

import time
from pathlib import Path

import bpy

from livescape_shared.errors import LivescapeError

from ..cache.cache_folder import caches_folder
from . import records, superseded
from .records import Record

_found: dict[str, tuple[float, list[Record]]] = {}
"""What was found for the .blend that is open; a panel is drawn often, a disk may be slow."""

KEPT_S = 5.0
"""How long an answer stays good: another Blender with this file open may take one up, or end."""


def look_again() -> None:
    """Forget what was found, because something has ended, was saved or opened."""
    _found.clear()


def open_offers(but: str = "") -> list[Record]:
    """Return what can be taken up again in the open .blend, oldest first.

    Args:
        but: Id of a record that is left out: the one that is running here.
    """
    blend, now = bpy.data.filepath, time.monotonic()
    if blend not in _found or _found[blend][0] < now:
        _found.clear()
        _found[blend] = (now + KEPT_S, _read())
    return [each for each in _found[blend][1] if each.id != but and not each.is_followed_elsewhere]


def followed_elsewhere() -> list[Record]:
    """Return what another Blender of this machine makes for the open .blend."""
    open_offers()
    return [each for each in _found[bpy.data.filepath][1] if each.is_followed_elsewhere]


def discard(record: Record) -> None:
    """Forget a generation; a cache that is whole stays among those that nothing plays."""
    root = caches_folder()
    records.remove_record(root, record)
    superseded.remove_left(root)
    look_again()


def _read() -> list[Record]:
    try:
        root = caches_folder()
    except LivescapeError:
        return []
    found = records.read_records(root, Path(bpy.data.filepath).name)
    return [each for each in found if each.state in records.OPEN]
