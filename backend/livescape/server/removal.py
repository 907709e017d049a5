"""Removing folders and large files in a thread of its own: it may take the disk a second."""

from __future__ import annotations

import logging
import os
import secrets
import shutil
from contextlib import suppress
from pathlib import Path

from livescape.server.threads import own_thread

LOGGER = logging.getLogger(__name__)

GONE = "gone-"
"""How the names of what is being removed begin; a server that is killed leaves it to the next."""


class Remover:
    """Removes what lies in one folder; it is out of the way at once.

    Args:
        folder: Where things are put aside until they are gone; on the same disk.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._thread = own_thread("remover")

    def remove(self, path: Path) -> None:
        """Remove a file or folder, if it is there."""
        aside = self._folder / f"{GONE}{secrets.token_hex(8)}"
        try:
            os.replace(path, aside)
        except FileNotFoundError:
            return
        except OSError as error:  # a full disk may refuse even this
            LOGGER.warning("%s is removed where it is: %s", path, error)
            aside = path
        self._thread.submit(_remove, aside)

    def wait(self) -> None:
        """Wait until what was to be removed is gone."""
        self._thread.submit(lambda: None).result()

    def close(self) -> None:
        """End, once everything is gone."""
        self._thread.shutdown()


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path, ignore_errors=True)
    else:
        with suppress(OSError):
            path.unlink(missing_ok=True)
