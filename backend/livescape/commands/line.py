"""One socket to a server, here or elsewhere, that knows why there is no connection."""

from __future__ import annotations

import time
from urllib.parse import urlsplit

import zmq
from zmq.utils.monitor import parse_monitor_message

from livescape_shared.errors import LivescapeError
from livescape_shared.remote.access import (
    NEVER_MS,
    Access,
    KeyAccess,
    other_key,
    prepare,
    unknown_client,
    unreachable,
)
from livescape_shared.remote.probe import Probe

FAILURES = (
    zmq.EVENT_HANDSHAKE_FAILED_AUTH
    | zmq.EVENT_HANDSHAKE_FAILED_PROTOCOL
    | zmq.EVENT_HANDSHAKE_FAILED_NO_DETAIL
)
ENDS = zmq.EVENT_CLOSED | zmq.EVENT_DISCONNECTED
PROBE_STEP_S = 0.01
SEND_S, STEP_MS = 60.0, 50


class Line:
    """A DEALER.

    Args:
        access: The server.
    """

    def __init__(self, access: Access) -> None:
        self._access = access
        self._context: zmq.Context[zmq.Socket[bytes]] = zmq.Context()
        self._socket = self._context.socket(zmq.DEALER)
        self._socket.linger = 0
        prepare(self._socket, access)
        events = FAILURES | zmq.EVENT_HANDSHAKE_SUCCEEDED
        if isinstance(access, KeyAccess):
            self._socket.reconnect_ivl = NEVER_MS  # the first attempt tells that there is nobody
            events |= ENDS
        self._failures = self._socket.get_monitor_socket(events)
        self._connected = False
        self._socket.connect(access.endpoint)

    def close(self) -> None:
        """Close the connection."""
        self._socket.disable_monitor()
        self._failures.close(linger=0)
        self._socket.close()
        self._context.term()

    def send(self, frames: list[bytes | memoryview]) -> None:
        """Send a message.

        Raises:
            LivescapeError: As :meth:`receive`, or ``server_silent`` if it takes nothing in.
        """
        deadline = time.monotonic() + SEND_S
        while time.monotonic() < deadline:
            try:
                self._socket.send_multipart(frames, flags=zmq.NOBLOCK)
            except zmq.Again:  # there is no connection any more, or it is full
                if self._failures.poll(STEP_MS):
                    self._note_next()
            else:
                return
        raise self.silence()

    def receive(self, wait_s: float) -> list[bytes] | None:
        """Return the frames of the next message, None if none comes within ``wait_s``.

        Raises:
            LivescapeError: Why a server elsewhere does not let us in.
        """
        poller = zmq.Poller()
        poller.register(self._socket, zmq.POLLIN)
        poller.register(self._failures, zmq.POLLIN)
        ready = dict(poller.poll(max(1, int(wait_s * 1000))))
        if self._socket in ready:  # first, for a last message may explain why no more will come
            return self._socket.recv_multipart()
        if self._failures in ready:
            self._note_next()
        return None

    def silence(self) -> LivescapeError:
        """Return the error for a server that says nothing."""
        if isinstance(self._access, KeyAccess) and not self._connected:
            return unreachable(self._access)
        return LivescapeError(
            "server_silent",
            "The Livescape server is not responding.",
            hint="Wait a moment. If nothing changes, restart the server.",
            retryable=True,
        )

    def _note_next(self) -> None:
        """Take the next thing that ZeroMQ tells of the connection.

        Raises:
            LivescapeError: If there will be none.
        """
        event = int(parse_monitor_message(self._failures.recv_multipart())["event"])
        if event == zmq.EVENT_HANDSHAKE_SUCCEEDED:
            self._connected = True
        elif isinstance(self._access, KeyAccess):
            if event == zmq.EVENT_HANDSHAKE_FAILED_AUTH:
                raise unknown_client(self._access)
            if event in (zmq.EVENT_CLOSED, zmq.EVENT_DISCONNECTED):
                raise unreachable(self._access)
            raise other_key(self._access) if self._speaks() else unreachable(self._access)

    def _speaks(self) -> bool:
        """Return whether a server is there at all."""
        address = urlsplit(self._access.endpoint)
        probe = Probe(address.hostname or "", address.port or 0)
        while (speaks := probe.poll()) is None:
            time.sleep(PROBE_STEP_S)
        return speaks
