"""What was being added to the file is taken away again if adding fails."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import bpy

_KINDS = ("objects", "meshes", "pointclouds", "materials", "node_groups", "images", "collections")


class Undone:
    """Data-blocks that are made in one go or in several, between which others make theirs."""

    def __init__(self) -> None:
        self._made: set[int] = set()

    @contextmanager
    def on_failure(self) -> Iterator[None]:
        """Remove what this block and those before it have made if it raises."""
        before = _names()
        try:
            yield
        except BaseException:
            self._made |= _names() - before
            self.remove()
            raise
        self._made |= _names() - before

    def remove(self) -> None:
        """Remove what was made so far."""
        known = (item for kind in _KINDS for item in getattr(bpy.data, kind, ()))
        bpy.data.batch_remove([item for item in known if item.session_uid in self._made])
        self._made.clear()


def _names() -> set[int]:
    return {item.session_uid for kind in _KINDS for item in getattr(bpy.data, kind, ())}
