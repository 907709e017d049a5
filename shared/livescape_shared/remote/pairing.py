"""The client's part in pairing: it leaves its public key with the server of an invitation.

Waits for the network. Nothing here imports ZeroMQ: who does brings a :class:`Line`.
"""

from __future__ import annotations

import platform
import time
from collections.abc import Callable, Sequence
from typing import Protocol

from livescape_shared.codec import decode, encode
from livescape_shared.errors import LivescapeError
from livescape_shared.messages import Pair, Paired, Refused
from livescape_shared.remote.access import KeyAccess, pairing_unknown
from livescape_shared.remote.invitation import Invitation, Place
from livescape_shared.remote.keys import KeyPair, MakeKeys, key_text
from livescape_shared.remote.probe import numeric
from livescape_shared.remote.servers import PairedServer, Servers

PATIENCE_S = 10.0
OVER = frozenset({"pairing_used", "pairing_expired", "pairing_unknown"})
"""Of no consequence to who is paired already."""


class Line(Protocol):
    """One connection to a server, whose calls wait."""

    def send(self, frames: list[bytes | memoryview]) -> None:
        """Send a message, or raise why that is not possible."""

    def receive(self, wait_s: float) -> Sequence[bytes | memoryview] | None:
        """Return the next message, None if none comes in time, or raise why none will come."""

    def silence(self) -> LivescapeError:
        """Return the error for a server that says nothing."""

    def close(self) -> None:
        """Close the connection."""


class Pairer:
    """Pairs with servers.

    Args:
        servers: Where they are kept.
        connect: Opens a line.
        make_keys: ``zmq.curve_keypair``.
        public_of: ``zmq.curve_public``.
    """

    def __init__(
        self,
        servers: Servers,
        connect: Callable[[KeyAccess], Line],
        make_keys: MakeKeys,
        public_of: Callable[[bytes], bytes],
    ) -> None:
        self._servers = servers
        self._connect = connect
        self._make_keys = make_keys
        self._public_of = public_of

    def access(self, server: PairedServer) -> KeyAccess:
        """Return how to enter a server; its address is looked up.

        Raises:
            LivescapeError: ``keys_unusable``, ``disk_full`` or ``output_not_writable``.
        """
        place = Place(numeric(server.place.host), server.place.port)
        keys = self._servers.keys(self._make_keys)
        return KeyAccess(place.endpoint, server.key, keys, str(server))

    def introduced(self, invitation: Invitation) -> PairedServer:
        """Return the server that an invitation leads to; one that is paired already does as well.

        Raises:
            LivescapeError: As :meth:`pair`.
        """
        try:
            return self.pair(invitation)
        except LivescapeError as error:
            known = self._servers.get(invitation.server_key)
            if known is None or error.code not in OVER:
                raise
            return known

    def pair(self, invitation: Invitation) -> PairedServer:
        """Leave our public key with the server of an invitation, and keep the server.

        Raises:
            LivescapeError: ``pairing_used``, ``pairing_expired``, ``pairing_unknown``,
                ``server_unproven``, ``server_unreachable``, ``server_silent``, ``keys_unusable``,
                ``disk_full`` or ``output_not_writable``.
        """
        own = self._servers.keys(self._make_keys)
        once = KeyPair.of_secret(invitation.secret, self._public_of)
        place = invitation.place
        endpoint = Place(numeric(place.host), place.port).endpoint
        access = KeyAccess(endpoint, invitation.server_key, once, f"at {place}")
        line = self._connect(access)
        try:
            line.send(encode(Pair(platform.node(), key_text(own.public))))
            name = _answer(line)
        except LivescapeError as error:
            raise pairing_unknown(access) if error.code == "auth_failed" else error from error
        finally:
            line.close()
        return self._servers.add(place, invitation.server_key, name)


def _answer(line: Line) -> str:
    """Return the name of the server that we are paired with now."""
    deadline = time.monotonic() + PATIENCE_S
    while (left := deadline - time.monotonic()) > 0:
        frames = line.receive(left)
        if frames is None:
            continue
        message = decode(frames, here="this computer", there="the server").message
        if isinstance(message, Refused):
            raise LivescapeError.from_dict(message.error)
        if isinstance(message, Paired):
            return message.server
    raise line.silence()
