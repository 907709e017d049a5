"""Generations of the open .blend that are over and whose caches are still there."""

from __future__ import annotations

import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import bpy

from livescape_shared.errors import LivescapeError

from ..cache.cache_folder import caches_folder
from ..cache.generations import remove_unused_cache
from ..properties import KEPT, LivescapeSettings, edited
from . import records
from .records import Record

_found: dict[str, tuple[float, list[Record]]] = {}
"""What was found for the .blend that is open; a panel is drawn often, a disk may be slow."""

KEPT_S = 5.0
"""How long an answer stays good: a cache may be removed by other means."""


def look_again() -> None:
    """Forget what was found, because something has ended, was saved, opened or removed."""
    _found.clear()


def past_jobs() -> list[Record]:
    """Return the generations that are over, newest first."""
    blend, now = bpy.data.filepath, time.monotonic()
    if blend not in _found or _found[blend][0] < now:
        _found.clear()
        _found[blend] = (now + KEPT_S, _read())
    return _found[blend][1]


def named(identity: str) -> Record:
    """Return the generation of this id, the newest one if it is empty.

    Raises:
        LivescapeError: ``job_lost``.
    """
    for record in past_jobs():
        if identity in ("", record.id):
            return record
    raise LivescapeError(
        "job_lost",
        "That generation is no longer there.",
        hint="Press Generate.",
    )


def chosen(group: LivescapeSettings) -> dict[str, Any]:
    """Return what the artist has set, to be used again."""
    values = {name: getattr(group, name) for name in KEPT}
    return {"preset_edited": edited(group), **values}


def use_again(group: LivescapeSettings, values: Mapping[str, Any]) -> None:
    """Set what a generation was made with; what it does not say stays."""
    for name in (name for name in KEPT if name in values):  # the preset first, which sets others
        try:
            setattr(group, name, values[name])
        except (TypeError, ValueError):
            continue  # another version knew other values


def delete(record: Record) -> int:
    """Remove the cache of a generation for good, and the generation from the list.

    Returns:
        The bytes that are free now.

    Raises:
        LivescapeError: ``cache_in_use`` if something may play it, or as
            :func:`cache.generations.remove_unused_cache`.
    """
    freed = remove_unused_cache(record.cache)
    records.remove_record(caches_folder(), record)
    look_again()
    return freed


def _read() -> list[Record]:
    try:
        root = caches_folder()
    except LivescapeError:
        return []
    found = records.read_records(root, Path(bpy.data.filepath).name)
    over = [each for each in found if each.state not in records.OPEN and each.cache]
    return [each for each in reversed(over) if (root / each.cache).is_dir()]
