"""What was being added to the file is taken away again if adding fails."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import bpy

_KINDS = ("objects", "meshes", "pointclouds", "materials", "node_groups", "images", "collections")


@contextmanager
def undone_on_failure() -> Iterator[None]:
    """Remove the data-blocks that the block has made if it raises."""
    before = _names()
    try:
        yield
    except BaseException:
        made = _names() - before
        known = (item for kind in _KINDS for item in getattr(bpy.data, kind, ()))
        bpy.data.batch_remove([item for item in known if item.session_uid in made])
        raise


def _names() -> set[int]:
    return {item.session_uid for kind in _KINDS for item in getattr(bpy.data, kind, ())}
