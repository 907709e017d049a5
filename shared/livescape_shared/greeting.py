"""The client's part in proving to each other that both sides know the token."""

from __future__ import annotations

from livescape_shared.codec import new_id
from livescape_shared.messages import Challenge, Hello, Prove
from livescape_shared.proofs import (
    client_proof,
    is_nonce,
    new_nonce,
    proofs_equal,
    server_proof,
)


class Greeting:
    """One conversation, on one connection.

    Args:
        token: The secret of the server's connection file; None where the connection itself proves
            both sides (CURVE), so that hello is answered by welcome.
        name: What the server's log calls this client.
        key: What tells this client from others on every connection.

    Attributes:
        hello: The first message.
        hello_id: Its id.
        prove_id: Id of the message that welcome answers, which has our proof if one is needed.
        proved: Whether the server has proved itself.
    """

    def __init__(self, token: str | None, name: str, key: str) -> None:
        self._token = token
        self.hello = Hello(name, key, new_nonce())
        self.hello_id = new_id()
        self.proved = token is None
        self.prove_id = self.hello_id if self.proved else new_id()

    def prove(self, challenge: Challenge) -> Prove | None:
        """Return our proof for a server that has proved itself, None for any other."""
        if self._token is None or not is_nonce(challenge.nonce):
            return None
        expected = server_proof(self._token, self.hello.nonce, challenge.nonce)
        if not proofs_equal(challenge.proof, expected):
            return None
        self.proved = True
        return Prove(client_proof(self._token, self.hello.nonce, challenge.nonce))
