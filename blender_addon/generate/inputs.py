"""Reading a file that the artist named."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from livescape_shared.annotation_files.given import DRAWN, of_photo, packed_folder
from livescape_shared.errors import LivescapeError
from livescape_shared.files import is_folder


def read_input(path: Path, what: str) -> bytes:
    """Return the bytes of a file that the artist named.

    Raises:
        LivescapeError: ``input_unreadable``.
    """
    return _read(path, what, path.read_bytes)


def read_named(name: str, path: Path, photo: Path) -> bytes:
    """Return a file besides the photo; of a mask or hints, what they say of the photo.

    Args:
        name: Which of the request's files it is.
        path: The file; for a mask or hints, it may be a folder of masks.
        photo: The photo.

    Raises:
        LivescapeError: ``input_unreadable``.
    """
    if name not in DRAWN:
        return read_input(path, f"{name} file")
    if is_folder(path):
        return _read(path, f"{name} folder", lambda: packed_folder(path))
    return of_photo(read_input(path, f"{name} file"), photo.name)


def _read(path: Path, what: str, read: Callable[[], bytes]) -> bytes:
    try:
        return read()
    except OSError as error:
        raise LivescapeError(
            "input_unreadable",
            f"The {what} {path.name} cannot be read: {error.strerror or 'no reason given'}.",
            hint="Choose another file, or leave the field empty.",
        ) from error
