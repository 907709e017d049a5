"""Who can reach the server: its socket, and where it may be bound."""

from __future__ import annotations

import ipaddress

import zmq

from livescape.server.bounds import Limits
from livescape.server.gate import Gate
from livescape_shared.errors import LivescapeError

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
            hint="Use 127.0.0.1, and an SSH tunnel to reach it from another machine.",
        )
    return str(address)


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
    context: zmq.Context[zmq.Socket[bytes]], host: str, port: int, limits: Limits, gate: Gate
) -> tuple[zmq.Socket[bytes], str]:
    """Return a ROUTER socket behind ``gate``, bound, and its endpoint.

    Port 0 lets the system choose.

    Raises:
        LivescapeError: ``server_not_loopback`` or ``port_unavailable``.
    """
    address = check_loopback(host)
    socket = None
    try:
        socket = context.socket(zmq.ROUTER)
        _set_options(socket, limits, ipv6=":" in address)
        gate.guard(socket)
        where = f"[{address}]" if ":" in address else address
        socket.bind(f"tcp://{where}:{port or '*'}")
    except zmq.ZMQError as error:
        if socket is not None:
            socket.close()
        raise LivescapeError(
            "port_unavailable",
            f"The server cannot listen on port {port}: {error.strerror}.",
            hint="Leave out the port and the server finds a free one.",
        ) from error
    return socket, socket.getsockopt_string(zmq.LAST_ENDPOINT)
