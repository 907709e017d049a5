"""Whether results can be written, checked before the work that they take."""

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
        # Only really making a file is conclusive: permission bits do not show read-only mounts.
        with tempfile.TemporaryFile(dir=folder) as probe:
            probe.write(b"livescape")
    except OSError as error:
        raise output_refusal(folder, error) from error
