"""How client and server prove to each other that both know the token, without sending it.

Each sends a *nonce*, random text of its own for this one connection, and the other answers with an
HMAC of both nonces under the token. The server proves itself first, so a client says nothing to a
program that only listens at a server's address. A proof is of no use on another connection.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from typing import Any

NONCE_CHARACTERS = 64
GATE_USER = b"livescape"


def new_token() -> str:
    """Return a fresh secret of 256 bits."""
    return secrets.token_urlsafe(32)


def new_nonce() -> str:
    """Return fresh random text of :data:`NONCE_CHARACTERS` hexadecimal digits."""
    return secrets.token_hex(NONCE_CHARACTERS // 2)


def is_nonce(value: Any) -> bool:
    """Return whether ``value`` has the form of a nonce."""
    digits = frozenset("0123456789abcdef")
    return isinstance(value, str) and len(value) == NONCE_CHARACTERS and digits.issuperset(value)


def gate_password(token: str) -> bytes:
    """Return what opens the server's socket for messages; it tells nothing about the token."""
    return _keyed_hash(token, "gate").encode("ascii")


def server_proof(token: str, client_nonce: str, server_nonce: str) -> str:
    """Return what only a server that knows ``token`` can answer."""
    return _keyed_hash(token, "server", client_nonce, server_nonce)


def client_proof(token: str, client_nonce: str, server_nonce: str) -> str:
    """Return what only a client that knows ``token`` can answer."""
    return _keyed_hash(token, "client", client_nonce, server_nonce)


def proofs_equal(given: str | bytes, expected: str | bytes) -> bool:
    """Compare in a time that does not reveal how much of ``given`` is right."""
    return hmac.compare_digest(_bytes(given), _bytes(expected))


def _keyed_hash(token: str, *parts: str) -> str:
    """Return the HMAC-SHA-256 of ``parts``, of which all but the first have a fixed length."""
    content = " ".join(("livescape", *parts)).encode("ascii")
    return hmac.new(_bytes(token), content, hashlib.sha256).hexdigest()


def _bytes(value: str | bytes) -> bytes:
    return value if isinstance(value, bytes) else value.encode("utf-8", "surrogatepass")
