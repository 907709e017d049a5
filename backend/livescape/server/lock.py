"""A lock file that the system releases when its holder dies, however it dies."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from types import TracebackType

from livescape_shared.errors import LivescapeError

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl

LOCK_FILE = "server.lock"


def _try_lock(descriptor: int) -> bool:
    try:
        if sys.platform == "win32":
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        else:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


class ServerLock:
    """Held by the one server of a state folder for as long as it lives.

    A process id in a file can be stale or belong to a stranger by now; a held lock cannot.
    """

    def __init__(self, state_dir: Path) -> None:
        self._path = state_dir / LOCK_FILE
        self._descriptor = -1

    def __enter__(self) -> ServerLock:
        """Take the lock.

        Raises:
            LivescapeError: ``server_already_running``.
        """
        self._descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600)
        if not _try_lock(self._descriptor):
            os.close(self._descriptor)
            self._descriptor = -1
            raise LivescapeError(
                "server_already_running",
                f"A Livescape server already runs with the folder {self._path.parent}.",
                hint="Use that server, or choose another folder with --state-dir.",
            )
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Release it; the file stays, because removing it would race with the next holder."""
        os.close(self._descriptor)
        self._descriptor = -1
