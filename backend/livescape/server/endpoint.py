"""Who can reach the server: its socket, and where it may be bound."""

from __future__ import annotations

import ipaddress

import zmq

from livescape.server.bounds import Limits
from livescape.server.gate import Gate
from livescape_shared.errors import LivescapeError
from livescape_shared.remote.invitation import DEFAULT_PORT, Place

HIGH_WATER_MARK = 1000  # whole messages per client; chunks are bounded by credit long before
HEARTBEAT_MS = 5_000
HEARTBEAT_TIMEOUT_MS = 20_000
HANDSHAKE_MS = 5_000


def check_loopback(host: str) -> str:
    """Return the address of ``host`` if only this machine can reach it.

    Raises:
        LivescapeError: ``server_not_loopback``.
    """
    try:
        address = ipaddress.ip_address("127.0.0.1" if host == "localhost" else host)
    except ValueError:
        address = None
    if address is None or not address.is_loopback:
        raise LivescapeError(
            "server_not_loopback",
            f"The server does not listen on {host}: anyone on the network could use it.",
            hint="Use --listen, which lets in only clients that were paired, and encrypts.",
        )
    return str(address)


def parse_listen(address: str) -> Place:
    """Return where the server is to listen for other machines.

    Raises:
        LivescapeError: ``listen_invalid``, or ``encryption_missing`` if ZeroMQ cannot encrypt here.
    """
    try:
        host, colon, port = address.rpartition(":")
        place = (
            Place(host.strip("[]"), 0)
            if colon and port == "0"
            else Place.parse(address, port=DEFAULT_PORT)
        )
        numeric = ipaddress.ip_address("127.0.0.1" if place.host == "localhost" else place.host)
    except ValueError as error:
        raise LivescapeError(
            "listen_invalid",
            f"The server cannot listen on {address[:80]!r}: it is not an address of this machine.",
            hint="Give an IP address, and a port if you like: 0.0.0.0, 192.168.1.20:24784, [::]:0.",
        ) from error
    if not zmq.has("curve"):
        raise LivescapeError(
            "encryption_missing",
            "The ZeroMQ of this Python cannot encrypt, so no other machine may use the server.",
            hint="Install the package pyzmq from its wheel, which can.",
        )
    return Place(str(numeric), 0 if address.endswith(":0") else place.port)


def _set_options(socket: zmq.Socket[bytes], limits: Limits, *, ipv6: bool) -> None:
    socket.linger = 0
    socket.maxmsgsize = limits.frame_bytes
    socket.set_hwm(HIGH_WATER_MARK)
    socket.router_mandatory = 1  # a send to a client that is gone fails instead of vanishing
    socket.router_handover = 0  # nobody takes over the connection of another
    socket.handshake_ivl = HANDSHAKE_MS
    socket.heartbeat_ivl = HEARTBEAT_MS
    socket.heartbeat_timeout = HEARTBEAT_TIMEOUT_MS
    socket.heartbeat_ttl = HEARTBEAT_TIMEOUT_MS
    socket.tcp_keepalive = 1
    socket.ipv6 = ipv6


def bind_router(
    context: zmq.Context[zmq.Socket[bytes]], place: Place, limits: Limits, gate: Gate
) -> tuple[zmq.Socket[bytes], str]:
    """Return a ROUTER socket behind ``gate``, bound, and its endpoint.

    Port 0 lets the system choose.

    Raises:
        LivescapeError: ``port_unavailable``.
    """
    socket = None
    try:
        socket = context.socket(zmq.ROUTER)
        _set_options(socket, limits, ipv6=":" in place.host)
        gate.guard(socket)
        socket.bind(place.endpoint)
    except zmq.ZMQError as error:
        if socket is not None:
            socket.close()
        raise LivescapeError(
            "port_unavailable",
            f"The server cannot listen on {place}: {error.strerror}.",
            hint="Choose an address of this machine, and a port that is free.",
        ) from error
    return socket, socket.getsockopt_string(zmq.LAST_ENDPOINT)
