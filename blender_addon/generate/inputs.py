"""Reading a file that the artist named."""

from __future__ import annotations

from pathlib import Path

from livescape_shared.errors import LivescapeError


def read_input(path: Path, what: str) -> bytes:
    """Return the bytes of a file that the artist named.

    Raises:
        LivescapeError: ``input_unreadable``.
    """
    try:
        return path.read_bytes()
    except OSError as error:
        raise LivescapeError(
            "input_unreadable",
            f"The {what} {path.name} cannot be read: {error.strerror or 'no reason given'}.",
            hint="Choose another file, or leave the field empty.",
        ) from error
