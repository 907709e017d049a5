"""What leaves through the server's socket, and how much of it still waits there for each client."""

from __future__ import annotations

from collections import deque
from collections.abc import Collection
from typing import NamedTuple

import zmq

from livescape.server.outbound import SendResult

LARGE_BYTES = 2**14
"""Messages from this size on are counted; of smaller ones ZeroMQ keeps a thousand at most."""


class _Waiting(NamedTuple):
    """A large message that has not left yet: what tells when it has, its bytes, whose they are."""

    tracker: zmq.MessageTracker
    size: int
    sources: frozenset[int]


class Outlet:
    """Sends to a client at once, without copying, or says why not.

    What a client does not read waits in the socket. Only so much may: a client that has stopped
    reading costs no more, whatever it has asked for.

    Args:
        socket: A ROUTER that refuses to send to clients that are gone.
        most_bytes: Bytes of large messages that may wait for one client; one more may be begun.
    """

    def __init__(self, socket: zmq.Socket[bytes], most_bytes: int) -> None:
        self._socket = socket
        self._most_bytes = most_bytes
        self._waiting: dict[bytes, deque[_Waiting]] = {}

    def __call__(self, identity: bytes, frames: list[bytes | memoryview]) -> SendResult:
        """Send one message to the client that the socket calls ``identity``."""
        size = sum(map(len, frames))
        large = size >= LARGE_BYTES
        if large and self.waiting(identity) >= self._most_bytes:
            return SendResult.BLOCKED
        parts: list[bytes | memoryview | zmq.Frame] = [identity, *frames]
        tracker = _track_largest(parts) if large else None
        try:
            self._socket.send_multipart(parts, flags=zmq.NOBLOCK, copy=False)
        except zmq.Again:
            return SendResult.BLOCKED
        except zmq.ZMQError as error:
            if error.errno != zmq.EHOSTUNREACH:
                raise
            self._waiting.pop(identity, None)
            return SendResult.GONE
        if tracker is not None:
            if identity not in self._waiting:
                self._forget_served()
            waiting = _Waiting(tracker, size, _sources(frames))
            self._waiting.setdefault(identity, deque()).append(waiting)
        return SendResult.SENT

    def waiting(self, identity: bytes) -> int:
        """Return the bytes of large messages that wait for a client."""
        queue = self._waiting.get(identity)
        while queue and queue[0].tracker.done:
            queue.popleft()
        if not queue:
            self._waiting.pop(identity, None)
            return 0
        return sum(each.size for each in queue)

    def holding(self, mappings: Collection[int]) -> list[bytes]:
        """Return the clients for which something of these ``mappings``, by their ids, waits."""
        return [
            identity
            for identity in list(self._waiting)
            if self.waiting(identity)
            and any(each.sources.intersection(mappings) for each in self._waiting[identity])
        ]

    def _forget_served(self) -> None:
        """Forget the clients for which nothing waits; some of them are gone."""
        for identity in list(self._waiting):
            self.waiting(identity)


def _sources(frames: list[bytes | memoryview]) -> frozenset[int]:
    """Return the ids of what the frames are views of, which tells mappings apart."""
    return frozenset(id(frame.obj) for frame in frames if isinstance(frame, memoryview))


def _track_largest(parts: list[bytes | memoryview | zmq.Frame]) -> zmq.MessageTracker:
    """Replace the largest part by one that tells when it has left, and return what tells."""
    largest = max(range(len(parts)), key=lambda index: len(parts[index]))
    frame = zmq.Frame(parts[largest], track=True, copy=False, copy_threshold=0)
    parts[largest] = frame
    tracker: zmq.MessageTracker = frame.tracker
    return tracker
