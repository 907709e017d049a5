"""How a client enters a server: by the token of one on this machine, or by keys.

Nothing here imports ZeroMQ: sockets are given.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from livescape_shared.connection import ServerInfo
from livescape_shared.errors import LivescapeError
from livescape_shared.proofs import GATE_USER, gate_password
from livescape_shared.remote.keys import KeyPair

NEVER_MS = 24 * 3600 * 1000
"""Interval after which a socket may connect again that should not do so by itself.

ZeroMQ has -1 for that, and then drops what has come and was not read yet when a connection breaks.
If one frame of that message was read, reading the next one ends the process ("Assertion failed:
!_more"). ``ZMQ_IMMEDIATE`` does the same.
"""


@dataclass(frozen=True)
class KeyAccess:
    """What opens a server that is reached over a network.

    Attributes:
        endpoint: ZeroMQ address.
        server_key: The public key that the server must prove to have.
        keys: The client's own.
        name: What the user calls the server, with its address.
    """

    endpoint: str
    server_key: bytes
    keys: KeyPair
    name: str


Access = ServerInfo | KeyAccess


def token_of(access: Access) -> str | None:
    """Return the token to greet with, None where the keys prove both sides."""
    return access.token if isinstance(access, ServerInfo) else None


def prepare(socket: Any, access: Access) -> None:
    """Set the options of a ZeroMQ socket, not connected yet, that open the server's gate."""
    if isinstance(access, ServerInfo):
        socket.plain_username = GATE_USER
        socket.plain_password = gate_password(access.token)
        return
    socket.ipv6 = "[" in access.endpoint
    socket.curve_serverkey = access.server_key
    socket.curve_publickey = access.keys.public
    socket.curve_secretkey = access.keys.secret


def unreachable(access: KeyAccess) -> LivescapeError:
    """Return the error for a server that is not there."""
    return LivescapeError(
        "server_unreachable",
        f"The server {access.name} cannot be reached.",
        hint="Check that it runs, and the network or the tunnel to it.",
        retryable=True,
    )


def unknown_client(access: KeyAccess) -> LivescapeError:
    """Return the error for a server that does not know our key."""
    return LivescapeError(
        "auth_failed",
        f"The server {access.name} does not know this computer.",
        hint="Pair again, with a new line from `livescape pair` on the server's machine.",
    )


def other_key(access: KeyAccess) -> LivescapeError:
    """Return the error for a program at the server's address that has not its key."""
    return LivescapeError(
        "server_unproven",
        f"The program at the address of {access.name} is not the server that was paired.",
        hint="Nothing was sent to it. If the server was set up anew, pair again.",
    )


def pairing_unknown(access: KeyAccess) -> LivescapeError:
    """Return the error for a server that has never heard of the line that it is shown."""
    return LivescapeError(
        "pairing_unknown",
        f"The server {access.name} does not know this line, or no longer.",
        hint="Make a new one on the server's machine with: livescape pair",
    )
