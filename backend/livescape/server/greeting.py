"""The conversation by which client and server prove to each other that they know the token."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from livescape.server.bounds import Limits
from livescape_shared.errors import LivescapeError
from livescape_shared.messages import Challenge, Hello, Prove
from livescape_shared.proofs import (
    client_proof,
    is_nonce,
    new_nonce,
    proofs_equal,
    server_proof,
)


@dataclass(frozen=True)
class _Begun:
    hello: Hello
    nonce: str
    since: float


def stranger() -> LivescapeError:
    """Return the error for a peer that has not proved that it knows the token."""
    return LivescapeError(
        "auth_failed",
        "The server does not know this client.",
        hint="Restart the server, or connect with the token in its server.json file.",
    )


class Greeter:
    """Conversations that have begun, one for each connection, and only so many.

    Args:
        token: The secret.
        limits: Bounds.
        clock: Monotonic time in seconds.
    """

    def __init__(
        self, token: str, limits: Limits, *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._token = token
        self._limits = limits
        self._clock = clock
        self._begun: dict[bytes, _Begun] = {}

    def begin(self, connection: bytes, hello: Hello) -> Challenge:
        """Return the answer to a hello.

        Raises:
            LivescapeError: ``auth_failed``.
        """
        self._begun.pop(connection, None)
        if not is_nonce(hello.nonce):
            raise stranger()
        while len(self._begun) >= self._limits.strangers:
            del self._begun[next(iter(self._begun))]
        nonce = new_nonce()
        self._begun[connection] = _Begun(hello, nonce, self._clock())
        return Challenge(nonce, server_proof(self._token, hello.nonce, nonce))

    def finish(self, connection: bytes, prove: Prove) -> Hello:
        """Return the hello of a client that has proved itself; there is one attempt.

        Raises:
            LivescapeError: ``auth_failed``.
        """
        begun = self._begun.pop(connection, None)
        if begun is None or self._clock() - begun.since > self._limits.greeting_s:
            raise stranger()
        expected = client_proof(self._token, begun.hello.nonce, begun.nonce)
        if not proofs_equal(prove.proof, expected):
            raise stranger()
        return begun.hello
