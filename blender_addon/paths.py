"""Files that the artist names: as any system writes them, and beside the .blend wherever it goes.

Blender keeps its own relative paths right when a file is saved elsewhere, but none of an add-on's.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import bpy

from livescape_shared.files import at_home

_DRIVE = re.compile(r"[A-Za-z]:[\\/]|\\\\")
_PATHS = ("FILE_PATH", "DIR_PATH")

_before: list[tuple[Any, str, str]] = []
"""What :func:`before_saving` has changed: group, property and value."""

_opened = ""
"""The open file before it was saved."""


def named_path(text: str) -> Path:
    """Return the file that ``text`` names; separators may be those of another system."""
    if os.sep == "/" and text.startswith("\\\\"):
        return Path(text)  # a share of Windows, which would seem to be beside the .blend
    path = at_home(Path(bpy.path.abspath(text)))
    if os.sep == "/" and "\\" in text and not os.path.exists(path):
        return at_home(Path(bpy.path.abspath(text.replace("\\", "/"))))
    return path


def file_stamp(path: Path) -> tuple[str, int, int]:
    """Return a path with what tells the file from another at the same place.

    That is its time and its size; both are 0 if there is no file.
    """
    try:
        state = path.stat()
    except (OSError, ValueError):
        return str(path), 0, 0
    return str(path), state.st_mtime_ns, state.st_size


def is_of_another_system(text: str) -> bool:
    """Whether ``text`` is an absolute path of a kind that this system does not have."""
    if os.sep == "\\":
        return text.startswith("/") and not text.startswith("//")
    return bool(_DRIVE.match(text))


def before_saving(target: str) -> None:
    """Let relative paths say from ``target`` what they said from where the file was."""
    global _opened
    _before.clear()
    _opened = opened = bpy.data.filepath
    if not target or not opened or Path(target).parent == Path(opened).parent:
        return
    for group, name, value in _relative_paths():
        _before.append((group, name, value))
        setattr(group, name, _as_seen_from(str(Path(target).parent), named_path(value)))


def after_saving() -> None:
    """Take that back if the file that is open has stayed where it was: a copy was saved."""
    if bpy.data.filepath == _opened:
        saving_failed()
    _before.clear()


def saving_failed() -> None:
    """Take back what :func:`before_saving` has changed."""
    for group, name, value in _before:
        setattr(group, name, value)
    _before.clear()


def _as_seen_from(folder: str, path: Path) -> str:
    try:
        return f"//{os.path.relpath(path, folder)}"
    except ValueError:  # another drive
        return str(path)


def _relative_paths() -> Iterator[tuple[Any, str, str]]:
    for scene in bpy.data.scenes:
        if scene.library is None:
            yield from _of_group(scene.livescape)


def _of_group(group: Any) -> Iterator[tuple[Any, str, str]]:
    for prop in group.bl_rna.properties:
        if prop.identifier == "rna_type":
            continue
        value = getattr(group, prop.identifier)
        if prop.type == "STRING" and prop.subtype in _PATHS and value.startswith("//"):
            yield group, prop.identifier, value
        elif isinstance(value, bpy.types.PropertyGroup):
            yield from _of_group(value)
        elif prop.type == "COLLECTION":
            for each in value:
                if isinstance(each, bpy.types.PropertyGroup):
                    yield from _of_group(each)
