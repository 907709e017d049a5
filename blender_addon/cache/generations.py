"""The generations beside a .blend: the newest of an object, those that nothing plays any more."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import bpy

from livescape_shared.cache.folder import file_errors
from livescape_shared.cache.manifest import FILE, Manifest, missing, read_manifest
from livescape_shared.cache.names import EARLY_FILES, FILES, POINT_CACHE
from livescape_shared.errors import LivescapeError

from ..splats.object import every_splat_object
from . import mentions
from .cache_folder import caches_folder, played_folder

UNFINISHED_AFTER_S = 3600.0
"""A folder without ``meta.json`` counts as left behind when nothing was written for so long."""

EARLY = "early"
"""Name of the mark, among what a cache reports, of a scene that came before the whole one."""

_KNOWN = {FILE, *FILES, *EARLY_FILES}


@dataclass(frozen=True)
class UnusedCache:
    """A generation that no object of this .blend plays.

    Attributes:
        folder: Where it lies.
        bytes: Size of its files.
        name: Of the object that it was made for; empty if it was never finished.
        players: Names of the .blend files in the same folder that may play it; this file itself
            is among them if it does as it was last saved.
    """

    folder: Path
    bytes: int
    name: str
    players: tuple[str, ...]


def newest_generation(name: str) -> Path:
    """Return the folder of the generation that was made last for an object of this name.

    One that is whole comes before those that were shown on the way to another.

    Raises:
        LivescapeError: ``blend_unsaved``, or ``cache_missing`` if there is none.
    """
    found = [
        (EARLY not in manifest.report, manifest.created, folder)
        for folder, manifest in _whole_caches()
        if (manifest.name or folder.name) == (name if manifest.name else bpy.path.clean_name(name))
    ]
    if not found:
        raise missing(caches_folder() / bpy.path.clean_name(name))
    return max(found)[-1]


def played_folders() -> set[Path]:
    """Return the folders that objects of this .blend play, in whatever scene or library."""
    found = set()
    for played in every_splat_object():
        with suppress(LivescapeError):  # it names none, and the .blend is not saved
            found.add(played_folder(played).resolve())
    return found


def unused_caches() -> list[UnusedCache]:
    """Return the generations beside this .blend that nothing in it plays, oldest first.

    Reads every .blend of the folder.

    Raises:
        LivescapeError: ``blend_unsaved``, or ``cache_not_writable`` if the folder cannot be read.
    """
    root, played = caches_folder(), played_folders()
    whole = dict(_whole_caches())
    with file_errors(root):
        folders = [
            folder
            for folder in _folders(root)
            if folder.resolve() not in played and (folder in whole or _is_left_behind(folder))
        ]
        folders.sort(key=lambda folder: whole[folder].created if folder in whole else 0.0)
        patterns = {folder: _patterns(folder, whole.get(folder)) for folder in folders}
        players = mentions.blend_files(Path(bpy.data.filepath).parent, patterns)
        return [
            UnusedCache(
                folder,
                sum(path.stat().st_size for path in folder.iterdir()),
                (whole[folder].name or folder.name) if folder in whole else "",
                players[folder],
            )
            for folder in folders
        ]


def remove_unused_cache(name: str) -> int:
    """Remove one generation for good and return the bytes that are free now.

    Files in its folder that are not of the cache stay, and the folder with them.

    Args:
        name: Of its folder.

    Raises:
        LivescapeError: ``cache_in_use`` if something may play it, ``cache_missing``,
            ``cache_not_writable`` or ``blend_unsaved``.
    """
    found = next((each for each in unused_caches() if each.folder.name == name), None)
    if found is None:
        folder = caches_folder() / name
        is_played = folder.resolve() in played_folders()
        raise _in_use(folder, "an object in this file") if is_played else missing(folder)
    if found.players:
        raise _in_use(found.folder, ", ".join(found.players))
    with file_errors(found.folder):
        # Without meta.json it is no cache any more, should the rest fail.
        (found.folder / FILE).unlink(missing_ok=True)
        for path in [path for path in found.folder.iterdir() if _is_ours(path)]:
            path.unlink()
    with suppress(OSError):  # not empty
        found.folder.rmdir()
        found.folder.parent.rmdir()
    return found.bytes


def _in_use(folder: Path, player: str) -> LivescapeError:
    return LivescapeError(
        "cache_in_use",
        f"The cache {folder.name} may still be played by {player}.",
        hint="Save this file, or delete the .blend that plays it, and find unused caches again.",
    )


def _folders(root: Path) -> list[Path]:
    if not root.is_dir():
        return []
    # What begins with a dot is no cache: the records of generations that go on.
    entries = [each for each in root.iterdir() if not each.name.startswith(".")]
    return sorted(each for each in entries if each.is_dir() and not each.is_symlink())


def _whole_caches() -> Iterator[tuple[Path, Manifest]]:
    for folder in _folders(caches_folder()):
        with suppress(LivescapeError):
            yield folder, read_manifest(folder)


def _is_ours(path: Path) -> bool:
    """Whether a file is one of a cache, or the part of one that a killed Blender left."""
    is_part = path.name.startswith(".livescape-") and ".partial" in path.name
    return path.is_file() and (is_part or path.name.removesuffix(".partial") in _KNOWN)


def _is_left_behind(folder: Path) -> bool:
    """Whether a folder holds nothing but the parts of a cache that nobody writes any more."""
    paths = [folder, *folder.iterdir()]
    newest = max(path.stat().st_mtime for path in paths)
    return all(map(_is_ours, paths[1:])) and time.time() - newest > UNFINISHED_AFTER_S


def _patterns(folder: Path, manifest: Manifest | None) -> tuple[bytes, ...]:
    """Return what a .blend that plays this cache contains, one of it at least."""
    if manifest is None or manifest.name or not manifest.scene.moving:
        return (os.fsencode(folder.name),)
    # In an early version the folder bears the object's name alone, which is found everywhere.
    return tuple(os.fsencode(f"{folder.name}{separator}{POINT_CACHE}") for separator in "/\\")
