"""One connection to the server: frames out, frames in, nothing that waits unless told to."""

from __future__ import annotations

from collections.abc import Sequence

import zmq

MAX_FRAME_BYTES = 2**31
HIGH_WATER_MARK = 1000


class Link:
    """A DEALER socket that does not reconnect by itself.

    Reconnecting is the client's business, because a new connection starts with a hello. The
    identity stays the same, so that the server replaces the old session instead of adding one.

    Args:
        context: ZeroMQ context.
        endpoint: Address of the server.
        identity: Names this client to the server; random, at most 255 bytes.
    """

    def __init__(
        self, context: zmq.Context[zmq.Socket[bytes]], endpoint: str, identity: bytes
    ) -> None:
        self._socket = context.socket(zmq.DEALER)
        self._socket.linger = 0
        self._socket.immediate = 1  # never queue for a server that is not there
        self._socket.reconnect_ivl = -1
        self._socket.maxmsgsize = MAX_FRAME_BYTES
        self._socket.set_hwm(HIGH_WATER_MARK)
        self._socket.handshake_ivl = 5_000
        self._socket.tcp_keepalive = 1
        self._socket.identity = identity
        self._socket.connect(endpoint)

    def send(self, frames: Sequence[bytes | memoryview]) -> bool:
        """Send a message; return False if there is no connection."""
        try:
            self._socket.send_multipart(list(frames), flags=zmq.NOBLOCK, copy=False)
        except zmq.Again:
            return False
        return True

    def receive(self, wait_s: float = 0.0) -> list[memoryview] | None:
        """Return the frames of the next message, or None if none comes within ``wait_s``."""
        if not self._socket.poll(int(wait_s * 1000)):
            return None
        frames = self._socket.recv_multipart(flags=zmq.NOBLOCK, copy=False)
        return [frame.buffer for frame in frames]

    def close(self) -> None:
        """Close the connection; what was not sent is dropped."""
        self._socket.close()
