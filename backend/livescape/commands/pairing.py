"""Servers on other machines: finding one by its name, pairing with one by its line."""

from __future__ import annotations

import platform
import time
from pathlib import Path

import zmq

from livescape.commands.line import Line
from livescape_shared.codec import decode, encode
from livescape_shared.errors import LivescapeError
from livescape_shared.messages import Pair, Paired, Refused
from livescape_shared.remote.access import KeyAccess, pairing_unknown
from livescape_shared.remote.invitation import SCHEME, SUFFIX, Invitation
from livescape_shared.remote.keys import KeyPair, key_text
from livescape_shared.remote.servers import PairedServer, Servers

PATIENCE_S = 10.0
OVER = frozenset({"pairing_used", "pairing_expired", "pairing_unknown"})
"""Of no consequence to who is paired already."""


def enter(named: str, servers: Servers) -> KeyAccess:
    """Return how to enter the server that ``named`` means; a new line is paired with first.

    Args:
        named: The name of a paired server, a line, or the path of a file with a line.
        servers: Those that are known.

    Raises:
        LivescapeError: ``server_not_paired``, ``pairing_line_invalid``, ``input_unreadable``,
            ``keys_unusable``, or as :func:`pair`.
    """
    if named.startswith(SCHEME):
        server = introduced(Invitation.parse(named), servers)
    elif named.endswith(SUFFIX) or Path(named).is_file():
        server = introduced(Invitation.read(Path(named)), servers)
    else:
        server = servers.named(named)
    keys = servers.keys(zmq.curve_keypair)
    return KeyAccess(server.place.endpoint, server.key, keys, str(server))


def introduced(invitation: Invitation, servers: Servers) -> PairedServer:
    """Return the server that an invitation leads to, paired with it if that is still possible.

    Raises:
        LivescapeError: As :func:`pair`.
    """
    try:
        return pair(invitation, servers)
    except LivescapeError as error:
        known = servers.get(invitation.server_key)
        if known is None or error.code not in OVER:
            raise
        return known


def pair(invitation: Invitation, servers: Servers) -> PairedServer:
    """Leave our public key with the server of an invitation, and keep the server.

    Raises:
        LivescapeError: ``pairing_used``, ``pairing_expired``, ``pairing_unknown``,
            ``server_unproven``, ``server_unreachable``, ``server_silent``, ``keys_unusable``,
            ``disk_full`` or ``output_not_writable``.
    """
    own = servers.keys(zmq.curve_keypair)
    once = KeyPair.of_secret(invitation.secret, zmq.curve_public)
    place = invitation.place
    access = KeyAccess(place.endpoint, invitation.server_key, once, str(place))
    line = Line(access)
    try:
        line.send(encode(Pair(platform.node(), key_text(own.public))))
        name = _answer(line)
    except LivescapeError as error:
        raise pairing_unknown(access) if error.code == "auth_failed" else error from error
    finally:
        line.close()
    return servers.add(place, invitation.server_key, name)


def _answer(line: Line) -> str:
    """Return the name of the server that we are paired with now."""
    deadline = time.monotonic() + PATIENCE_S
    while (left := deadline - time.monotonic()) > 0:
        frames = line.receive(left)
        if frames is None:
            continue
        message = decode(frames, here="livescape", there="the server").message
        if isinstance(message, Refused):
            raise LivescapeError.from_dict(message.error)
        if isinstance(message, Paired):
            return message.server
    raise line.silence()
