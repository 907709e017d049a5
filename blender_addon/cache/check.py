"""Whether the cache that an object plays is there, whole, and the one it was built from."""

from __future__ import annotations

from pathlib import Path

from livescape_shared.cache.manifest import read_manifest
from livescape_shared.cache.names import POINT_CACHE
from livescape_shared.cache.pc2 import points_per_row
from livescape_shared.errors import LivescapeError

from ..splats.object import SplatObject


def cache_problem(played: SplatObject) -> LivescapeError | None:
    """Return why renders of an object of ours would be wrong; None if they are right.

    Reads ``meta.json`` and the sizes of the files, not their content. An object in which nothing
    moves plays no cache.
    """
    vertices = len(played.mesh.vertices) if played.mesh is not None else 0
    if played.cache_modifier is None or not vertices:
        return None
    folder = Path(played.cache_file).parent
    try:
        manifest = read_manifest(folder)
    except LivescapeError as error:
        return error
    entry = manifest.files.get(POINT_CACHE)
    if entry is None or points_per_row(manifest.scene) * manifest.scene.moving != vertices:
        return _foreign(folder, "another object")
    if played.cache_hash and played.cache_hash != entry.sha256:
        return _foreign(folder, "another generation of this object")
    return None


def _foreign(folder: Path, owner: str) -> LivescapeError:
    return LivescapeError(
        "cache_foreign",
        f"The cache {folder.name} beside the .blend file belongs to {owner}.",
        hint="Use Rebuild from Cache, or copy the right cache there.",
    )
