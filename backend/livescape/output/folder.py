"""Whether results can be written, asked before the work that they take."""

from __future__ import annotations

import tempfile
from pathlib import Path

from livescape_shared.files import output_refusal


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
        raise output_refusal(folder, error) from error
