"""What a peer must show at the gate of a socket: the token of this machine, or a known key."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import zmq

from livescape.server.remote.guestbook import Guestbook
from livescape_shared.proofs import GATE_USER, gate_password, proofs_equal
from livescape_shared.remote.keys import KEY_BYTES, KeyPair

CURVE_BYTES = 33
"""What CURVE adds to each frame: ``\\7MESSAGE``, a nonce of 8 bytes, 16 of a MAC, one of flags."""

Socket = zmq.Socket[bytes]


class Entry(Protocol):
    """One of ZeroMQ's mechanisms, and whom it lets in."""

    def prepare(self, socket: Socket) -> None:
        """Set the options of the server's socket, whose own are set already."""

    def name_of(self, mechanism: bytes, credentials: Sequence[bytes]) -> str | None:
        """Return a name of the peer that shows this, None if it may not enter."""

    def still_admits(self, name: str) -> bool:
        """Return whether a peer that has entered may stay."""


class TokenEntry:
    """PLAIN, with a password made from the token: for this machine, where nobody listens in.

    Args:
        token: The secret.
    """

    def __init__(self, token: str) -> None:
        self._password = gate_password(token)

    def prepare(self, socket: Socket) -> None:
        """Set the options of the server's socket."""
        socket.plain_server = True

    def name_of(self, mechanism: bytes, credentials: Sequence[bytes]) -> str | None:
        """Return an empty name for who knows the password."""
        if mechanism != b"PLAIN" or len(credentials) != 2:
            return None
        user, password = credentials
        right = proofs_equal(password, self._password)
        return "" if right and user == GATE_USER else None

    def still_admits(self, name: str) -> bool:
        """Return that it may: the token does not change."""
        return True


class KeyEntry:
    """CURVE: everything is encrypted, both sides prove that they have their keys.

    Args:
        keys: The server's.
        guestbook: Whose keys are known.
    """

    def __init__(self, keys: KeyPair, guestbook: Guestbook) -> None:
        self._keys = keys
        self._guestbook = guestbook

    def prepare(self, socket: Socket) -> None:
        """Set the options of the server's socket."""
        socket.setsockopt(zmq.MAXMSGSIZE, int(socket.getsockopt(zmq.MAXMSGSIZE)) + CURVE_BYTES)
        socket.curve_server = True
        socket.curve_secretkey = self._keys.secret

    def name_of(self, mechanism: bytes, credentials: Sequence[bytes]) -> str | None:
        """Return the key of a known client or of a pairing, in hexadecimal digits."""
        if mechanism != b"CURVE" or len(credentials) != 1 or len(credentials[0]) != KEY_BYTES:
            return None
        key = credentials[0]
        known = self._guestbook.knows(key) or self._guestbook.invited(key)
        return key.hex() if known else None

    def still_admits(self, name: str) -> bool:
        """Return whether the client has not been unpaired."""
        return self._guestbook.keeps(bytes.fromhex(name))
