"""How a generation ended."""

from __future__ import annotations

from dataclasses import dataclass

import bpy

from livescape_shared.errors import LivescapeError


@dataclass(frozen=True)
class Outcome:
    """How a generation ended.

    Attributes:
        item: The object, if there is one in the scene.
        note: What to tell.
        warnings: What to tell besides.
        error: Why there is none.
        details: What a report of the error needs besides.
    """

    item: bpy.types.Object | None = None
    note: str = ""
    warnings: tuple[str, ...] = ()
    error: LivescapeError | None = None
    details: str = ""
