"""Whether a program that ended a handshake speaks ZeroMQ: another server, or none at all?

ZeroMQ says the same of both. One that speaks it greets first, and begins in a certain way.
"""

from __future__ import annotations

import errno
import socket
import time
from contextlib import suppress

from livescape_shared.errors import LivescapeError

FIRST_BYTE = b"\xff"
"""A ZeroMQ greeting begins with it (RFC 37)."""

PATIENCE_S = 2.0
PENDING = frozenset({errno.EAGAIN, errno.EWOULDBLOCK, errno.ENOTCONN, errno.EINPROGRESS})


def numeric(host: str) -> str:
    """Return an address of ``host``, an IPv4 one if it has one; may take seconds.

    Raises:
        LivescapeError: ``server_unreachable`` if it has none.
    """
    try:
        found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise LivescapeError(
            "server_unreachable",
            f"There is no computer called {host[:80]} in the network.",
            hint="Check the name, and the network.",
            retryable=True,
        ) from error
    addresses = [str(each[4][0]) for each in found]
    return next((each for each in addresses if ":" not in each), addresses[0])


class Probe:
    """One connection that only listens; :meth:`poll` never waits.

    Args:
        host: Numeric address, so that nothing has to be looked up.
        port: Port.
    """

    def __init__(self, host: str, port: int) -> None:
        self._until = time.monotonic() + PATIENCE_S
        self._socket: socket.socket | None = None
        with suppress(OSError):
            family = socket.AF_INET6 if ":" in host else socket.AF_INET
            self._socket = socket.socket(family, socket.SOCK_STREAM)
            self._socket.setblocking(False)
            self._socket.connect_ex((host, port))

    def poll(self) -> bool | None:
        """Return whether ZeroMQ speaks there, None while that is not known."""
        if self._socket is None:
            return False
        try:
            return self._end(self._socket.recv(1) == FIRST_BYTE)
        except OSError as error:
            if error.errno in PENDING and time.monotonic() < self._until:
                return None
        return self._end(False)

    def close(self) -> None:
        """Close the connection."""
        if self._socket is not None:
            self._socket.close()
        self._socket = None

    def _end(self, speaks: bool) -> bool:
        self.close()
        return speaks
