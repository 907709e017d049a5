"""The gate before the socket: who may send a message at all, and how many may stand before it.

ZeroMQ accepts connections and keeps whatever a peer has sent until a message is complete, so a
stranger must not get that far. A peer opens with one of ZeroMQ's mechanisms (:mod:`entry`); ZeroMQ
asks us about it (RFC 27, "ZAP") and lets nothing else through before. Of connections that have not
been welcomed yet, only so many are kept: the oldest are closed.
"""

from __future__ import annotations

import logging
import socket as sockets
import struct
import time
from collections.abc import Callable, Collection
from contextlib import suppress

import zmq

from livescape.server.bounds import Limits
from livescape.server.entry import Entry
from livescape.server.inflow import Inflow

LOGGER = logging.getLogger(__name__)

ZAP_ADDRESS = "inproc://zeromq.zap.01"
ZAP_DOMAIN = b"livescape"
EVENTS_ADDRESS = "inproc://connections"
MOST_PER_TURN = 256
WELCOME, TRY_AGAIN, UNKNOWN = b"200", b"300", b"400"
STEM_S = 0.005
"""Time between two looks at how much has come while something is on its way."""

CALM_S = 0.05
"""The same while nothing is."""

RECHECK_S = 1.0
"""How often it is asked whether those who have entered may stay."""

Socket = zmq.Socket[bytes]


class Gate:
    """Answers for ZeroMQ who may enter, and closes what stands outside for too long.

    Args:
        context: Context of the server's socket, and of no other server's.
        entry: What a client must show.
        limits: Bounds.
        clock: Monotonic time in seconds.
    """

    def __init__(
        self,
        context: zmq.Context[Socket],
        entry: Entry,
        limits: Limits,
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._context = context
        self._entry = entry
        self._limits = limits
        self._clock = clock
        self._questions = context.socket(zmq.REP)
        self._questions.linger = 0
        self._questions.bind(ZAP_ADDRESS)
        self._events = context.socket(zmq.PAIR)
        self._events.set_hwm(0)  # ZeroMQ's own thread would wait for a reader that is behind
        self._socket: Socket | None = None
        self._outside: dict[int, float] = {}
        self._inside: dict[int, str] = {}
        self._inflow = Inflow(limits)
        self._recheck_at = clock() + RECHECK_S
        self._stem_at = clock()

    def guard(self, socket: Socket) -> None:
        """Take charge of ``socket``, which must not be bound yet."""
        self._entry.prepare(socket)
        socket.zap_domain = ZAP_DOMAIN
        socket.monitor(EVENTS_ADDRESS, zmq.EVENT_ACCEPTED | zmq.EVENT_DISCONNECTED)
        self._events.connect(EVENTS_ADDRESS)
        self._socket = socket

    def register(self, poller: zmq.Poller) -> None:
        """Let ``poller`` wake up when there is something to do here."""
        poller.register(self._questions, zmq.POLLIN)
        poller.register(self._events, zmq.POLLIN)

    def welcome(self, connection: int, name: str) -> None:
        """Count a connection, by its descriptor, as one of a client that has proved itself.

        Args:
            connection: The descriptor.
            name: What its entry calls the client.
        """
        if self._outside.pop(connection, None) is not None:
            self._inside[connection] = name
        self._inflow.delivered(connection)

    def shut(self, connection: int) -> None:
        """Break a connection off, by its descriptor, if it is still one of a client's."""
        if self._inside.pop(connection, None) is not None:
            self._inflow.forget(connection)
            _shut(connection)

    @property
    def patience_ms(self) -> int | None:
        """How soon the next turn must come; None if there is no hurry."""
        return self._inflow.patience_ms

    def turn(self, ready: Collection[Socket]) -> None:
        """Do what is to be done; never waits.

        Args:
            ready: The sockets on which something has arrived.
        """
        if self._questions in ready:
            self._answer()
        # Connections are closed by their descriptors, which are another's as soon as one has gone:
        # what has come since the poll counts too, when there may be something to close.
        due = self._events in ready or self._outside or self._clock() >= self._stem_at
        if due and self._follow():
            self._clear()
            self._stem()
            self._recheck()

    def close(self) -> None:
        """Close the sockets."""
        if self._socket is not None and not self._socket.closed:
            self._socket.disable_monitor()
        self._events.close(linger=0)
        self._questions.close(linger=0)

    def _answer(self) -> None:
        for _ in range(MOST_PER_TURN):
            try:
                question = self._questions.recv_multipart(flags=zmq.NOBLOCK)
            except zmq.Again:
                return
            version, request_id, *_ = question
            mechanism, credentials = question[5] if len(question) > 5 else b"", question[6:]
            status, name = self._verdict(mechanism, credentials)
            self._questions.send_multipart(
                [version, request_id, status, b"", name.encode("ascii"), b""]
            )

    def _verdict(self, mechanism: bytes, credentials: list[bytes]) -> tuple[bytes, str]:
        """Return ZeroMQ's status and the name of the peer."""
        try:
            name = self._entry.name_of(mechanism, credentials)
        except Exception:  # no descriptor to look with, for example; ZeroMQ must have an answer
            LOGGER.exception("a connection cannot be judged now")
            return TRY_AGAIN, ""
        if name is None:
            LOGGER.info("refused a connection that is not known")
            return UNKNOWN, ""
        return WELCOME, name

    def _follow(self) -> bool:
        """Note which connections have come and gone; return whether all that is known."""
        for _ in range(MOST_PER_TURN):
            try:
                told, _ = self._events.recv_multipart(flags=zmq.NOBLOCK)
            except zmq.Again:
                return True
            event, descriptor = struct.unpack("=Hi", told)
            self._outside.pop(descriptor, None)
            self._inside.pop(descriptor, None)
            self._inflow.forget(descriptor)
            if event == zmq.EVENT_ACCEPTED:
                self._outside[descriptor] = self._clock()
                self._inflow.opened(descriptor)
                self._stem_at = self._clock()
        return False

    def _clear(self) -> None:
        """Close the oldest connections outside: those that are too many, or came too long ago."""
        late = self._clock() - self._limits.greeting_s
        closed = 0
        while self._outside:
            descriptor, since = next(iter(self._outside.items()))
            if len(self._outside) <= self._limits.strangers and since > late:
                break
            del self._outside[descriptor]
            closed += 1
            _shut(descriptor)
        if closed:
            LOGGER.info("closed %d connections that had not proved themselves", closed)

    def _stem(self) -> None:
        """Close the connections that send a message without end."""
        if self._clock() < self._stem_at:
            return
        calm = self._inflow.patience_ms is None
        self._stem_at = self._clock() + (CALM_S if calm else STEM_S)
        for descriptor in self._inflow.excessive(self._outside):
            self._outside.pop(descriptor, None)
            self._inside.pop(descriptor, None)
            LOGGER.warning("closed a connection that sends more than a message may have")
            _shut(descriptor)

    def _recheck(self) -> None:
        """Close the connections of clients that have been unpaired."""
        if self._clock() < self._recheck_at:
            return
        self._recheck_at = self._clock() + RECHECK_S
        for descriptor, name in list(self._inside.items()):
            if not self._entry.still_admits(name):
                del self._inside[descriptor]
                LOGGER.info("closed the connection of a client that is no longer known")
                _shut(descriptor)


def _shut(descriptor: int) -> None:
    """Break a connection off; ZeroMQ notices and closes it."""
    with suppress(OSError):  # it has just gone by itself
        connection = sockets.socket(fileno=descriptor)
        try:
            connection.shutdown(sockets.SHUT_RDWR)
        finally:
            connection.detach()  # closing it is ZeroMQ's business
