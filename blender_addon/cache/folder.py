"""Where caches lie, and what the file system's refusals mean to an artist."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import bpy

from livescape_shared.errors import LivescapeError
from livescape_shared.files import NO_SPACE

ROOT = "livescape"
"""Name of the folder beside the .blend; one folder per object in it."""


def relative_folder(name: str) -> str:
    """Return the cache folder of ``name`` as Blender writes relative paths."""
    return f"//{ROOT}/{bpy.path.clean_name(name)}"


def cache_folder(name: str) -> Path:
    """Return the absolute cache folder of ``name``.

    Raises:
        LivescapeError: ``blend_unsaved`` if there is no file beside which it could lie.
    """
    if not bpy.data.filepath:
        raise LivescapeError(
            "blend_unsaved",
            "The .blend file has not been saved yet.",
            hint="Save it first; the generated scene is stored beside it.",
        )
    return Path(bpy.path.abspath(relative_folder(name)))


@contextmanager
def file_errors(folder: Path) -> Iterator[None]:
    """Turn the file system's refusals in ``folder`` into sentences.

    Raises:
        LivescapeError: ``disk_full`` or ``cache_not_writable``.
    """
    try:
        yield
    except OSError as error:
        if error.errno in NO_SPACE:
            raise disk_full(folder) from error
        reason = error.strerror or "the file system refused"
        raise LivescapeError(
            "cache_not_writable",
            f"The cache folder {folder.name} cannot be written: {reason}.",
            hint="Save the .blend where you may write, or free the folder beside it.",
        ) from error


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
