"""Whether the server is still there: how long it may be silent."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

State = Literal["connecting", "connected", "silent", "lost"]


@dataclass(frozen=True)
class Timing:
    """The client's patience, in seconds unless stated.

    Attributes:
        ping: Time between pings.
        silent_after: Missed pongs after which the server counts as silent.
        lost_after: Missed pongs after which it counts as lost.
        ack: Time to acknowledge a submit or a cancel.
        recheck: Time without news of a job after which the server is asked about it.
        connect: Time to connect and be welcomed.
        backoff: Wait before the second attempt to connect; doubles each time.
        backoff_limit: Longest such wait.
        bytes_per_s: What the way to the server and the server itself take in, at least; large
            requests are waited for longer.
    """

    ping: float = 1.0
    silent_after: int = 3
    lost_after: int = 6
    ack: float = 2.0
    recheck: float = 10.0
    connect: float = 3.0
    backoff: float = 0.1
    backoff_limit: float = 5.0
    bytes_per_s: float = 25e6


REMOTE = Timing(
    silent_after=5, lost_after=30, ack=10.0, recheck=30.0, connect=10.0, bytes_per_s=0.25e6
)
"""For a server on another machine: pings queue behind what a slow way has yet to carry."""


class Liveness:
    """Counts pings that nothing answered; any message at all is a sign of life.

    A miss is counted when the next ping is due, so a client that was itself held up (Blender
    rendering a frame) has at most one miss however long it slept.
    """

    def __init__(self, timing: Timing, now: float) -> None:
        self._timing = timing
        self._next_ping = now
        self._waiting = False
        self._excused = now
        self.missed = 0

    def excuse(self, until: float) -> None:
        """Count no miss before ``until``: something large is on its way to the server."""
        self._excused = max(self._excused, until)

    def on_message(self) -> None:
        """Note a sign of life."""
        self.missed = 0
        self._waiting = False

    def ping_due(self, now: float) -> bool:
        """Return whether to ping now; counts the last ping as missed if it is unanswered."""
        if now < self._next_ping:
            return False
        if self._waiting and now >= self._excused:
            self.missed += 1
        self._waiting = True
        self._next_ping = now + self._timing.ping
        return True

    @property
    def state(self) -> State:
        """``connected``, ``silent`` or ``lost``."""
        if self.missed >= self._timing.lost_after:
            return "lost"
        return "silent" if self.missed >= self._timing.silent_after else "connected"
