"""Whether results can be written, asked before the work that they take."""

from __future__ import annotations

import tempfile
from pathlib import Path

from livescape_shared.errors import LivescapeError
from livescape_shared.files import NO_SPACE


def check_writable_folder(folder: Path) -> None:
    """Make ``folder`` if it is missing, and a file in it, which is removed again.

    Raises:
        LivescapeError: ``output_not_writable`` or ``disk_full``.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        # Only a file that is really made tells: permission bits do not know of mounts.
        with tempfile.TemporaryFile(dir=folder) as probe:
            probe.write(b"livescape")
    except OSError as error:
        if error.errno in NO_SPACE:
            raise LivescapeError(
                "disk_full",
                f"There is not enough space on the disk of {folder}.",
                hint="Free some space, or choose another disk.",
                retryable=True,
            ) from error
        raise LivescapeError(
            "output_not_writable",
            f"Nothing can be written to {folder}: {error.strerror or error}.",
            hint="Choose another folder.",
        ) from error
