"""The error of splat files that are damaged, or of a kind that is not read."""

from __future__ import annotations

from pathlib import Path

from livescape_shared.errors import LivescapeError


def invalid_splats(path: Path, kind: str, what: str) -> LivescapeError:
    """Return the error of a file that is, or should be, of a ``kind``; ``what`` ends it."""
    return LivescapeError(
        "splats_invalid",
        f"{path.name} is not a readable {kind} file: {what}.",
        hint="Export it again, or as PLY, from the program that made it.",
    )


def foreign_file(path: Path, what: str, hint: str) -> LivescapeError:
    """Return the error of a file that holds something else; ``what`` ends the sentence."""
    return LivescapeError("splats_foreign", f"{path.name} is {what}.", hint=hint)
