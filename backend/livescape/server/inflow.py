"""How much each connection has sent of a message that has not arrived whole yet.

ZeroMQ hands a message over once all its frames are there, and keeps what has come until then: a
message that never ends would fill the memory. The system counts the bytes of each connection, so
they are bounded here without ZeroMQ's help; on systems that do not tell, the bound is that of a
frame and of the time in which a stranger must have been welcomed.
"""

from __future__ import annotations

import socket
import struct
import sys
from collections.abc import Callable, Collection

from livescape.server.bounds import Limits

_BYTES_RECEIVED = struct.Struct("@Q")
_AT = 128
"""Where Linux's ``struct tcp_info`` tells the bytes received."""

WATCHFUL_MS = 20
"""How soon to look again while something is on its way."""


def bytes_received(descriptor: int) -> int:
    """Return the bytes that a TCP connection has received so far; 0 where that is not known."""
    if sys.platform != "linux":
        return 0
    try:
        connection = socket.socket(socket.AF_INET, socket.SOCK_STREAM, 0, fileno=descriptor)
    except (OSError, ValueError):
        return 0
    try:
        told = connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 256)
        return int(_BYTES_RECEIVED.unpack_from(told, _AT)[0])
    except (OSError, struct.error):  # it has just been closed, or this system tells less
        return 0
    finally:
        connection.detach()  # closing it is ZeroMQ's business


class Inflow:
    """The connections of a socket, by descriptor.

    Args:
        limits: Bounds.
        received: Tells the bytes that a connection has received so far.
    """

    def __init__(self, limits: Limits, *, received: Callable[[int], int] = bytes_received) -> None:
        self._limits = limits
        self._received = received
        self._before: dict[int, int] = {}
        self._busy = False

    @property
    def patience_ms(self) -> int | None:
        """How soon to ask again; None if there is no hurry."""
        return WATCHFUL_MS if self._busy else None

    def opened(self, connection: int) -> None:
        """Note a new connection, which must be watched."""
        self._before[connection] = 0
        self._busy = True

    def delivered(self, connection: int) -> None:
        """Note that a message of a welcomed client has arrived whole."""
        self._before[connection] = self._received(connection)

    def forget(self, connection: int) -> None:
        """Note that a connection is gone."""
        self._before.pop(connection, None)

    def excessive(self, strangers: Collection[int]) -> list[int]:
        """Return the connections that have sent too much and must be closed.

        A stranger may send what a frame may hold, all in all. A client may send a request; all
        clients together may have twice as much on the way, and then the largest goes.

        Args:
            strangers: Those that have not been welcomed.
        """
        pending = {each: self._pending(each) for each in self._before}
        found = [each for each in strangers if pending.get(each, 0) > self._limits.frame_bytes]
        clients = sorted((pending[each], each) for each in pending.keys() - set(strangers))
        total = sum(size for size, _ in clients)
        while clients:
            size, largest = clients.pop()
            if size <= self._most_of_one and total <= 2 * self._most_of_one:
                break
            found.append(largest)
            total -= size
        for each in found:
            self.forget(each)
        self._busy = bool(strangers) or total > self._limits.frame_bytes
        return found

    @property
    def _most_of_one(self) -> int:
        # The frames have heads, and with encryption more than that.
        return self._limits.request_bytes + self._limits.request_bytes // 64

    def _pending(self, connection: int) -> int:
        now = self._received(connection)
        before = self._before[connection]
        if now < before:  # another connection has taken its descriptor
            self._before[connection] = before = 0
        return now - before
