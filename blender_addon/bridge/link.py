"""One connection to a server, as a socket that does not reconnect by itself."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from urllib.parse import urlsplit

import numpy as np
import zmq
from zmq.utils.monitor import parse_monitor_message

from livescape_shared.errors import LivescapeError
from livescape_shared.remote.access import NEVER_MS, Access, KeyAccess, prepare
from livescape_shared.remote.probe import Probe

from .events import impostor, unknown, unreachable

MAX_FRAME_BYTES = 2**31
HIGH_WATER_MARK = 1000
KEPT_BYTES = 31 * 2**20


def keep_memory() -> None:
    """Let the C library keep the memory of messages for those that follow.

    glibc gives back to the system what is free beyond twice the largest block below 32 MiB that was
    ever freed. Until there was one, a result that streams in is taken page by page, given back and
    taken again. Nothing of this block is touched; to other libraries it is nothing at all.
    """
    np.empty(KEPT_BYTES, np.uint8)


class Link:
    """A DEALER socket that does not reconnect by itself.

    Reconnecting is the client's business, because a new connection starts with a hello. The server
    gives every connection a name of its own, which nobody can claim.

    Args:
        context: ZeroMQ context.
        access: The server.

    Raises:
        zmq.ZMQError, ValueError: If the address is none, or there is no room for another socket.
    """

    def __init__(self, context: zmq.Context[zmq.Socket[bytes]], access: Access) -> None:
        keep_memory()
        self._socket = context.socket(zmq.DEALER)
        self._socket.linger = 0
        self._socket.reconnect_ivl = NEVER_MS
        self._socket.maxmsgsize = MAX_FRAME_BYTES
        self._socket.set_hwm(HIGH_WATER_MARK)
        self._socket.handshake_ivl = 5_000
        self._socket.tcp_keepalive = 1
        self._access = access
        self._probe: Probe | None = None
        prepare(self._socket, access)
        failures = zmq.EVENT_HANDSHAKE_FAILED_AUTH | zmq.EVENT_HANDSHAKE_FAILED_PROTOCOL
        if isinstance(access, KeyAccess):
            failures |= zmq.EVENT_HANDSHAKE_FAILED_NO_DETAIL  # all that another key shows as
            failures |= zmq.EVENT_CLOSED  # nobody listens there
        ways = zmq.EVENT_HANDSHAKE_SUCCEEDED | zmq.EVENT_DISCONNECTED
        self._told = self._socket.get_monitor_socket(failures | ways)
        self._refused: int | None = None
        self._is_open = False
        self._is_broken = False
        try:
            self._socket.connect(access.endpoint)
        except Exception:
            self.close()  # or the context would wait for it for ever
            raise

    def send(self, frames: Sequence[bytes | memoryview]) -> bool:
        """Send a message; return False if there is no connection."""
        self._read_events()
        if not self._is_open or self._is_broken:
            return False  # the socket would keep it for a server that is not there
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

    def refusal(self) -> LivescapeError | None:
        """Return why there will be no connection, None if that is not known."""
        if self._probe is not None:
            return self._judge(self._probe)
        self._read_events()
        if self._refused is None:
            return None
        if self._refused == zmq.EVENT_HANDSHAKE_FAILED_AUTH:
            return unknown(self._access)
        if self._refused == zmq.EVENT_CLOSED:
            return unreachable(self._access)
        if isinstance(self._access, KeyAccess):
            address = urlsplit(self._access.endpoint)
            self._probe = Probe(address.hostname or "", address.port or 0)
            return None
        return impostor(self._access)

    @property
    def is_broken(self) -> bool:
        """Whether the other side has closed the connection, as the system does for a dead one."""
        self._read_events()
        return self._is_broken

    def _read_events(self) -> None:
        with suppress(zmq.Again):
            while True:
                frames = self._told.recv_multipart(flags=zmq.NOBLOCK)
                kind = int(parse_monitor_message(frames)["event"])
                if kind == zmq.EVENT_DISCONNECTED:
                    self._is_broken = True
                elif kind == zmq.EVENT_HANDSHAKE_SUCCEEDED:
                    self._is_open = True
                elif kind != zmq.EVENT_CLOSED or self._refused is None:
                    self._refused = kind

    def _judge(self, probe: Probe) -> LivescapeError | None:
        """Return what a broken handshake means, once it is known who is there."""
        speaks = probe.poll()
        if speaks is None:
            return None
        return impostor(self._access) if speaks else unreachable(self._access)

    def close(self) -> None:
        """Close the connection; what was not sent is dropped."""
        if self._probe is not None:
            self._probe.close()
        self._socket.disable_monitor()
        self._told.close(linger=0)
        self._socket.close()
