"""Folders of caches: making them, and what the file system's refusals mean to an artist."""

from __future__ import annotations

import errno
import re
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from livescape_shared.errors import LivescapeError
from livescape_shared.files import NO_SPACE

ROOT = "livescape"
"""Name of the folder beside the .blend; one folder per generation in it."""

LONGEST_NAME = 60
"""Characters of an object's name that its caches bear."""

_ATTEMPTS = 100
_UNSAFE = re.compile(r"[\x00-\xfe]")
_SAFE = re.compile(r"[A-Za-z0-9_-]")


def readable_name(name: str) -> str:
    """Return what a cache folder of an object of this name begins with, as Blender cleans names."""
    clean = _UNSAFE.sub(lambda found: found[0] if _SAFE.match(found[0]) else "_", name)
    return clean[:LONGEST_NAME]


def claim_folder(root: Path, name: str) -> Path:
    """Make a folder that no other generation has, now or later, and return it.

    Args:
        root: Where caches lie.
        name: Of the object; the folder's name begins with it.

    Raises:
        OSError: From the file system.
    """
    for _ in range(_ATTEMPTS):
        root.mkdir(parents=True, exist_ok=True)
        folder = root / f"{readable_name(name)}-{secrets.token_hex(4)}"
        # Another Blender may have taken the name, or have removed an empty root.
        with suppress(FileExistsError, FileNotFoundError):
            folder.mkdir()
            return folder
    raise OSError(errno.EEXIST, "no name is free")


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
