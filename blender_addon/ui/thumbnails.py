"""Small pictures of files, made by Blender when they are first shown."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import bpy.utils.previews

_FILES = "files"
_pictures: dict[str, Any] = {}


def icon_of(path: Path) -> int:
    """Return the number of the icon that shows a picture file, 0 if there is none."""
    if not path.is_file():
        return 0
    if _FILES not in _pictures:
        _pictures[_FILES] = bpy.utils.previews.new()
    collection = _pictures[_FILES]
    name = f"{path} {path.stat().st_mtime_ns}"
    if name not in collection:
        collection.load(name, str(path), "IMAGE")
    return int(collection[name].icon_id)


def close() -> None:
    """Let go of all of them."""
    collection = _pictures.pop(_FILES, None)
    if collection is not None:
        bpy.utils.previews.remove(collection)
