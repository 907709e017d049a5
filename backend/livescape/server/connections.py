"""The name that the server gives a connection: by which door it came, and whose it is."""

from __future__ import annotations

LOCAL, REMOTE = b"L", b"R"


def connection_name(door: bytes, client: str, routing_id: bytes) -> bytes:
    """Return a name that no other connection has.

    Args:
        door: ``LOCAL`` or ``REMOTE``.
        client: Public key of the client in hexadecimal digits; empty at the local door.
        routing_id: What its socket calls the connection.
    """
    return door + bytes.fromhex(client) + routing_id


def routing_id_of(connection: bytes) -> bytes:
    """Return what its socket calls the connection."""
    return connection[1:] if connection[:1] == LOCAL else connection[33:]


def client_of(connection: bytes) -> str:
    """Return the public key, in hexadecimal digits, that a client has proved to have by CURVE.

    It is empty for a connection that has yet to prove that it knows the token.
    """
    return connection[1:33].hex() if connection[:1] == REMOTE else ""
