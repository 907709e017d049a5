"""Making the line by which this machine's server introduces itself to a new client."""

from __future__ import annotations

import ipaddress
import platform
import socket
from contextlib import suppress
from pathlib import Path

import zmq

from livescape.server.remote.guestbook import Guestbook
from livescape.server.state_folder import folder_refusal, own_folder, server_keys
from livescape_shared.connection import (
    ServerInfo,
    running_server,
    server_folder,
)
from livescape_shared.errors import LivescapeError
from livescape_shared.remote.invitation import Invitation, Place
from livescape_shared.remote.keys import KeyPair

LIFETIME_MIN = 10.0
ANYWHERE = ("192.0.2.1", 9)
"""An address that belongs to nobody; nothing is sent there."""


def guestbook_of(state_dir: Path) -> Guestbook:
    """Return the guestbook of the server of a state folder.

    Raises:
        LivescapeError: ``state_dir_unsafe`` if another user runs that server.
    """
    return Guestbook(own_folder(state_dir), refusal=folder_refusal)


def invite(state_dir: Path, address: str, lifetime_s: float) -> Invitation:
    """Let one more client in within ``lifetime_s``, and return how it finds and enters the server.

    Args:
        state_dir: State folder of a server that runs.
        address: Where the client will find it; empty for the address at which it listens.
        lifetime_s: Time in which the client must come.

    Raises:
        LivescapeError: ``server_unreachable``, ``server_local_only``, ``listen_invalid``,
            ``keys_unusable``, ``state_dir_unsafe``, ``state_dir_unusable`` or ``disk_full``.
    """
    guestbook = guestbook_of(state_dir)
    info = running_server(state_dir, start="livescape serve --listen 0.0.0.0")
    if not info.remote:
        raise LivescapeError(
            "server_local_only",
            "This server listens to its own machine only.",
            hint="Start it with --listen, for example: livescape serve --listen 0.0.0.0",
        )
    place = _place(info, address)
    keys = server_keys(server_folder(state_dir))
    once = KeyPair.new(zmq.curve_keypair)
    guestbook.invite(once.public, lifetime_s)
    return Invitation(place, keys.public, once.secret)


def _place(info: ServerInfo, address: str) -> Place:
    """Return where a client finds the server."""
    bound = Place.parse(info.remote.removeprefix("tcp://"))
    if not address:
        wildcard = ipaddress.ip_address(bound.host).is_unspecified
        return Place(own_address(), bound.port) if wildcard else bound
    try:
        return Place.parse(address, port=bound.port)
    except ValueError as error:
        raise LivescapeError(
            "listen_invalid",
            f"A client cannot find the server at {address[:80]!r}: it is not an address.",
            hint="Give a name or an IP address, and a port if you like: gpu-box, 127.0.0.1:24784.",
        ) from error


def own_address() -> str:
    """Return the address that this machine has in its network; nothing is sent to find out."""
    with suppress(OSError), socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.connect(ANYWHERE)
        return str(probe.getsockname()[0])
    return platform.node() or "127.0.0.1"
