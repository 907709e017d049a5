"""Ends the server with the program that started it."""

from __future__ import annotations

import os
import sys

from livescape_shared.processes import process_alive


class ParentWatch:
    """Tells whether the process that started the server still runs.

    A direct parent is watched through our own parent id, which changes when it dies even if
    nobody collects its exit status or its id is given to another process.
    """

    def __init__(self, pid: int) -> None:
        self._pid = pid
        self._direct = sys.platform != "win32" and os.getppid() == pid

    def alive(self) -> bool:
        """Return whether the parent runs."""
        if self._direct:
            return os.getppid() == self._pid
        return process_alive(self._pid)
