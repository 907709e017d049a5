"""The server's sockets: the one for this machine, and one for others where that is asked for.

Each has a ZeroMQ context of its own, and so a gate of its own: a crowd at one door does not keep
anybody from coming in by the other.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Collection, Iterator, Sequence

import zmq

from livescape.server.bounds import Limits
from livescape.server.connections import connection_name, routing_id_of
from livescape.server.gate import Gate
from livescape.server.mapped import contested
from livescape.server.outbound import SendResult
from livescape.server.outlet import Outlet
from livescape.server.remote.pairing import Pairing
from livescape.server.router import Router

LOGGER = logging.getLogger(__name__)

MESSAGES_PER_TURN = 64

RELEASE_S = 1.0
"""How often to ask whether somebody waits for a file that is being sent."""

Socket = zmq.Socket[bytes]
Frames = list[bytes | memoryview]


class Door:
    """A socket and its gate.

    Args:
        mark: ``LOCAL`` or ``REMOTE``.
        socket: A bound ROUTER.
        gate: What guards it.
        limits: Bounds.
        pairing: Lets new clients in, at the door for other machines.
    """

    def __init__(
        self,
        mark: bytes,
        socket: Socket,
        gate: Gate,
        limits: Limits,
        pairing: Pairing | None = None,
    ) -> None:
        self.mark = mark
        self.socket = socket
        self.gate = gate
        self._outlet = Outlet(socket, limits.unsent_bytes)
        self._pairing = pairing
        self._inside: dict[int, bytes] = {}

    def send(self, connection: bytes, frames: Frames) -> SendResult:
        """Send to a client at once or say why not."""
        return self._outlet(routing_id_of(connection), frames)

    def receive(self, router: Router) -> None:
        """Handle the waiting messages, up to a limited number."""
        for _ in range(MESSAGES_PER_TURN):
            try:
                routing_id, *frames = self.socket.recv_multipart(flags=zmq.NOBLOCK, copy=False)
            except zmq.Again:
                return
            except MemoryError:  # the rest of the message arrives as one without a sender
                LOGGER.exception("a message does not fit into memory")
                return
            client = str(frames[0].get("User-Id")) if frames and self._pairing is not None else ""
            connection = connection_name(self.mark, client, routing_id.bytes)
            contents: Frames = [frame.buffer for frame in frames]
            pairing = None if router.knows(connection) else self._pairing
            if pairing is not None and pairing.concerns(client):
                self.send(connection, pairing.answer(client, contents))
                continue
            router.handle(connection, contents)
            if frames and router.knows(connection):
                descriptor = int(frames[0].get("__fd"))
                self._inside[descriptor] = routing_id.bytes
                self.gate.welcome(descriptor, client)
            router.deliver()

    def release(self, mappings: Collection[int]) -> None:
        """Cut off the clients that do not take what is sent from ``mappings``, so that it goes.

        They come again and ask for what they lack.
        """
        holding = set(self._outlet.holding(mappings))
        for descriptor, routing_id in list(self._inside.items()):
            if routing_id in holding:
                del self._inside[descriptor]
                LOGGER.warning("cut off a client that does not take what someone wants to change")
                self.gate.shut(descriptor)


class Doors:
    """All doors of a server.

    Args:
        doors: One of each kind at most.
        contested: Tells the ids of mappings that should go soon.
        clock: Monotonic time in seconds.
    """

    def __init__(
        self,
        doors: Sequence[Door],
        *,
        contested: Callable[[], set[int]] = contested,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._doors = {door.mark: door for door in doors}
        self._contested = contested
        self._clock = clock
        self._ask_at = clock()

    def register(self, poller: zmq.Poller) -> None:
        """Let ``poller`` wake up when someone is at a door."""
        for door in self._doors.values():
            poller.register(door.socket, zmq.POLLIN)
            door.gate.register(poller)

    def send(self, connection: bytes, frames: Frames) -> SendResult:
        """Send to a client at once or say why not."""
        return self._doors[connection[:1]].send(connection, frames)

    def patience_ms(self) -> Iterator[int]:
        """Yield how soon the next turn must come, for each door that is in a hurry."""
        for door in self._doors.values():
            if (patience := door.gate.patience_ms) is not None:
                yield patience

    def turn(self, ready: dict[Socket, int], router: Router) -> None:
        """Do what is to be done; never waits."""
        for door in self._doors.values():
            door.gate.turn(ready)
            if door.socket in ready:
                door.receive(router)
        if self._clock() >= self._ask_at:
            self._ask_at = self._clock() + RELEASE_S
            mappings = self._contested()
            for door in self._doors.values() if mappings else ():
                door.release(mappings)
