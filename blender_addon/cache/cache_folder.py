"""Where caches lie, and what the file system's refusals mean to an artist."""

from __future__ import annotations

import errno
import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import bpy

from livescape_shared.errors import LivescapeError
from livescape_shared.files import NO_SPACE

from ..splats.object import SplatObject

ROOT = "livescape"
"""Name of the folder beside the .blend; one folder per generation in it."""

LONGEST_NAME = 60
"""Characters of an object's name that its caches bear."""

_ATTEMPTS = 100


def caches_folder() -> Path:
    """Return the absolute folder in which this .blend's caches lie; it need not exist.

    Raises:
        LivescapeError: ``blend_unsaved`` if there is no file beside which it could lie.
    """
    if not bpy.data.filepath:
        raise _unsaved()
    return Path(bpy.path.abspath(f"//{ROOT}"))


def claim_folder(root: Path, name: str) -> Path:
    """Make a folder that no other generation has, now or later, and return it.

    Args:
        root: Where caches lie.
        name: Of the object; the folder's name begins with it.

    Raises:
        OSError: From the file system.
    """
    readable = bpy.path.clean_name(name)[:LONGEST_NAME]
    for _ in range(_ATTEMPTS):
        root.mkdir(parents=True, exist_ok=True)
        folder = root / f"{readable}-{secrets.token_hex(4)}"
        # Another Blender may have taken the name, or have removed an empty root.
        with suppress(FileExistsError, FileNotFoundError):
            folder.mkdir()
            return folder
    raise OSError(errno.EEXIST, "no name is free")


def played_folder(played: SplatObject) -> Path:
    """Return the cache folder that an object plays, found through it and its library alone.

    Raises:
        LivescapeError: ``blend_unsaved`` if it names none and no file says where it could lie.
    """
    if played.cache_file:
        return Path(played.cache_file).parent
    if not bpy.data.filepath and played.item.library is None:
        raise _unsaved()
    return Path(played.absolute(f"//{ROOT}")) / played.generation


def as_blend_path(path: Path) -> str:
    """Return ``path`` as this .blend names it: relative, unless it is on another drive."""
    try:
        relative = str(bpy.path.relpath(str(path)))
    except ValueError:
        return path.as_posix()
    return relative.replace("\\", "/") if os.sep == "\\" else relative


def _unsaved() -> LivescapeError:
    return LivescapeError(
        "blend_unsaved",
        "The .blend file has not been saved yet.",
        hint="Save it first; the generated scene is stored beside it.",
    )


@contextmanager
def file_errors(folder: Path) -> Iterator[None]:
    """Turn the file system's refusals in ``folder`` into sentences.

    Raises:
        LivescapeError: ``disk_full`` or ``cache_not_writable``.
    """
    try:
        yield
    except OSError as error:
        raise refusal(folder, error) from error


def refusal(folder: Path, error: OSError) -> LivescapeError:
    """Return what the file system's ``error`` in a cache folder means to an artist."""
    if error.errno in NO_SPACE:
        return disk_full(folder)
    reason = error.strerror or "the file system refused"
    return LivescapeError(
        "cache_not_writable",
        f"The cache folder {folder.name} cannot be written: {reason}.",
        hint="Save the .blend in a folder that you can write to.",
    )


def disk_full(folder: Path) -> LivescapeError:
    """Return the error of a disk without enough space."""
    return LivescapeError(
        "disk_full",
        f"There is not enough space on the disk of {folder.name} for the scene.",
        hint="Free some space, or use a preset with fewer Gaussians.",
        retryable=True,
    )


def check_space(folder: Path, needed: int) -> None:
    """Check that ``needed`` bytes fit on the disk of ``folder``, which exists.

    Raises:
        LivescapeError: ``disk_full``.
    """
    if shutil.disk_usage(folder).free < needed:
        raise disk_full(folder)
