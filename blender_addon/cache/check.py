"""Whether the cache that an object plays is there, whole, and the one it was built from."""

from __future__ import annotations

from pathlib import Path

import bpy

from livescape_shared.errors import LivescapeError

from ..splats import build
from .contents import POINT_CACHE
from .manifest import read_manifest


def cache_problem(item: bpy.types.Object) -> LivescapeError | None:
    """Return why renders of an object of ours would be wrong; None if they are right.

    Reads ``meta.json`` and the sizes of the files, not their content. An object in which nothing
    moves plays no cache.
    """
    modifier = item.modifiers.get(build.CACHE_MODIFIER)
    if modifier is None:
        return None
    played = Path(bpy.path.abspath(modifier.filepath, library=item.library))
    try:
        manifest = read_manifest(played.parent)
    except LivescapeError as error:
        return error
    entry = manifest.files.get(POINT_CACHE)
    built_from = item.get(build.CACHE_HASH, "")
    if entry is None or 4 * manifest.scene.moving != len(item.data.vertices):
        return _foreign(played.parent, "another object")
    if built_from and built_from != entry.sha256:
        return _foreign(played.parent, "another generation of this object")
    return None


def _foreign(folder: Path, owner: str) -> LivescapeError:
    return LivescapeError(
        "cache_foreign",
        f"The cache {folder.name} beside the .blend file is that of {owner}.",
        hint="Use Rebuild from Cache, or put the right cache there.",
    )
