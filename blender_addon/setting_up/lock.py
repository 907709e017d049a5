"""A file that one process holds at a time; the system lets go of it when that process dies."""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from pathlib import Path


def hold(path: Path) -> int | None:
    """Take the lock and return a descriptor that holds it, None if another process has it.

    Raises:
        OSError: If the file cannot be made.
    """
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        _lock(descriptor)
    except OSError:
        os.close(descriptor)
        return None
    return descriptor


def let_go(descriptor: int) -> None:
    """Let others take it."""
    os.close(descriptor)


def is_held(path: Path) -> bool:
    """Whether a living process holds the lock."""
    with suppress(OSError):
        descriptor = os.open(path, os.O_RDWR)
        try:
            _lock(descriptor)
        except OSError:
            return True
        finally:
            os.close(descriptor)
    return False


if sys.platform == "win32":
    import msvcrt

    def _lock(descriptor: int) -> None:
        msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
else:
    import fcntl

    def _lock(descriptor: int) -> None:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
