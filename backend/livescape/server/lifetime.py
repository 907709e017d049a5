"""When and why the server stops: on request, or when nobody uses it."""

from __future__ import annotations

import logging
import os
import signal
import sys
import time
from collections.abc import Callable
from types import FrameType

from livescape_shared.processes import process_alive

LOGGER = logging.getLogger(__name__)

ORPHAN_IDLE_S = 5.0
"""Time without a client or job after which a server stops whose parent is gone."""


class ParentWatch:
    """Tells whether the process that started the server is still running.

    A direct parent is watched through our own parent id, which changes when it dies, even if
    nobody collects its exit status or its id is reused by another process.
    """

    def __init__(self, pid: int) -> None:
        self._pid = pid
        self._direct = sys.platform != "win32" and os.getppid() == pid

    def alive(self) -> bool:
        """Return whether the parent is running."""
        if self._direct:
            return os.getppid() == self._pid
        return process_alive(self._pid)


class Lifetime:
    """Decides when the server stops; handles the signals that end a process.

    SIGTERM and Ctrl-C stop it at once; SIGHUP as soon as nobody uses it.

    Args:
        parent_pid: Once this process has ended, the server stops as soon as nobody uses it; 0 for
            none.
        idle_shutdown_s: The server stops after so long without a client or job; 0 for never.
        clock: Monotonic time in seconds.

    Attributes:
        reason: Why it stops, once it does.
    """

    def __init__(
        self,
        parent_pid: int,
        idle_shutdown_s: float,
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._parent = ParentWatch(parent_pid) if parent_pid else None
        self._idle_shutdown_s = idle_shutdown_s
        self._clock = clock
        self._last_active = clock()
        self._asked = False
        self._retiring = False
        self.reason = ""
        for name in ("SIGINT", "SIGTERM", "SIGBREAK"):
            if hasattr(signal, name):
                signal.signal(getattr(signal, name), self._on_signal)
        if hasattr(signal, "SIGHUP"):
            signal.signal(signal.SIGHUP, self._on_hangup)

    def _on_signal(self, number: int, frame: FrameType | None) -> None:
        self._asked = True

    def _on_hangup(self, number: int, frame: FrameType | None) -> None:
        self._retiring = True

    def over(self, *, active: bool, last_seen: float, connected: Callable[[], bool]) -> bool:
        """Return whether the server should stop now.

        Args:
            active: Whether there is something to compute.
            last_seen: Monotonic time of the last message of a client.
            connected: Tells whether a client is connected; asked before the server stops for want
                of use.
        """
        now = self._clock()
        if active:
            self._last_active = now
        idle = now - max(self._last_active, last_seen)
        reason = ""
        if self._asked:
            reason = "it was asked to stop"
        elif self._retiring and not active:
            reason = "nobody is using it any more"
        elif idle > ORPHAN_IDLE_S and self._parent is not None and not self._parent.alive():
            reason = "the program that started it is gone and nobody is using it"
        elif self._idle_shutdown_s and idle > self._idle_shutdown_s:
            reason = "nobody was using it"
        if reason and not self._asked and connected():
            self._last_active, reason = now, ""
        if reason:
            LOGGER.info("the server stops because %s", reason)
            self.reason = reason
        return bool(reason)
