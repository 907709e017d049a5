"""A plain client for commands: it asks a server, here or elsewhere, and waits for the answer."""

from __future__ import annotations

import argparse
import math
import platform
import secrets
import time
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import TypeVar

from livescape.commands.line import Line
from livescape.commands.pairing import enter
from livescape_shared.codec import Envelope, decode, encode, new_id, split
from livescape_shared.connection import chosen_state_dir, running_server
from livescape_shared.errors import LivescapeError
from livescape_shared.greeting import Greeting
from livescape_shared.messages import (
    Challenge,
    Goodbye,
    Jobs,
    ListJobs,
    Message,
    Ping,
    Refused,
    Welcome,
)
from livescape_shared.parts import part_size
from livescape_shared.remote.access import Access, KeyAccess, token_of
from livescape_shared.remote.servers import Servers

Answer = TypeVar("Answer", bound=Message)

PATIENCE_S, FAR_PATIENCE_S = 5.0, 30.0
"""How long an answer may take, from this machine and from another."""

CONNECT_S = 10.0
"""How long it may take to be welcomed on another machine."""

BYTES_PER_S, FAR_BYTES_PER_S = 25e6, 0.25e6
"""What a server takes in, at least."""

LEAST_FRAME_BYTES = 2**12
PING_S = 1.0
SHORTEST_PREFIX = 4


def add_server_arguments(parser: argparse.ArgumentParser, *, job: bool) -> None:
    """Add the options that say which server is meant, and which ``job`` if that is asked for."""
    if job:
        parser.add_argument("job", help="its id, or the beginning of it")
    add_server_option(parser)
    parser.add_argument(
        "--state-dir", type=Path, help="state folder of the server, or of who is paired with one"
    )


def add_server_option(parser: argparse.ArgumentParser) -> None:
    """Add the option that names a server on another machine."""
    parser.add_argument(
        "--server",
        metavar="NAME",
        help="a paired server; or the line, or the file with the line, that pairs with one",
    )


def find_server(arguments: argparse.Namespace) -> Access:
    """Return how to enter the server that the parsed ``arguments`` mean.

    Raises:
        LivescapeError: ``server_unreachable``, or as :func:`livescape.commands.pairing.enter`.
    """
    state_dir = chosen_state_dir(arguments.state_dir)
    if arguments.server is not None:
        return enter(arguments.server, Servers(state_dir))
    return running_server(state_dir)


def stopped(goodbye: Goodbye, hint: str) -> LivescapeError:
    """Return the error for a server that ends before it has answered; ``hint`` says what to do."""
    return LivescapeError(
        "server_stopped",
        f"The server has stopped because {goodbye.reason}.",
        hint=hint,
        retryable=True,
    )


class ServerClient:
    """One connection, on which one thing is asked at a time.

    Args:
        access: The server.

    Raises:
        LivescapeError: ``server_silent``, or why the server refuses us.
    """

    def __init__(self, access: Access) -> None:
        self._line = Line(access)
        self._limits: Mapping[str, int] = {}
        self._far = far = isinstance(access, KeyAccess)
        self._patience_s = CONNECT_S if far else PATIENCE_S
        self._bytes_per_s = FAR_BYTES_PER_S if far else BYTES_PER_S
        self._next_ping = math.inf
        try:
            self._greet(access)
        except BaseException:
            self.close()
            raise

    def _greet(self, access: Access) -> None:
        key = secrets.token_hex(16)  # or two commands would take each other's place
        greeting = Greeting(token_of(access), f"livescape on {platform.node()}", key)
        if greeting.proved:
            welcome = self.ask(greeting.hello, Welcome)
        elif (prove := greeting.prove(self.ask(greeting.hello, Challenge))) is not None:
            welcome = self.ask(prove, Welcome)
        else:
            raise LivescapeError(
                "server_unproven",
                "The program at the server's address is not the Livescape server of this user.",
                hint="Start the server again with: livescape serve",
            )
        self._limits = welcome.limits
        if self._far:
            self._patience_s = FAR_PATIENCE_S
        self._next_ping = 0.0

    def __enter__(self) -> ServerClient:
        """Return the client."""
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Close the connection."""
        self.close()

    def close(self) -> None:
        """Close the connection; jobs go on."""
        self._line.close()

    @property
    def part_bytes(self) -> int:
        """Size of the parts in which large messages travel; 0 if they travel whole."""
        return part_size(self._limits) if self._far else 0

    def send(self, message: Message, message_id: str | None = None) -> str:
        """Send a message and return its id, which is a new one unless it is given."""
        message_id = message_id or new_id()
        frames = encode(message, message_id=message_id)
        self._line.send(split(frames, self._limits.get("frame_bytes", LEAST_FRAME_BYTES)))
        return message_id

    def patience_for(self, size: int) -> float:
        """Return how long to wait for an answer to a message of ``size`` bytes, in seconds."""
        return self._patience_s + size / self._bytes_per_s

    def receive(self, wait_s: float | None = None) -> Envelope:
        """Return the next message, whatever it is; meanwhile the server is told that we live.

        Raises:
            LivescapeError: ``server_silent`` if none comes for ``wait_s``, or why the server does
                not let us in.
        """
        deadline = time.monotonic() + (self._patience_s if wait_s is None else wait_s)
        while (now := time.monotonic()) < deadline:
            if now >= self._next_ping:
                self._next_ping = now + PING_S
                self.send(Ping())
            frames = self._line.receive(min(self._next_ping, deadline) - now)
            if frames is not None:
                return decode(frames, here="livescape", there="the server")
        raise self._line.silence()

    def ask(self, message: Message, wanted: type[Answer]) -> Answer:
        """Send a message and return its answer.

        Raises:
            LivescapeError: Why the server refuses, or ``server_silent``.
        """
        message_id = self.send(message)
        deadline = time.monotonic() + self._patience_s
        while True:
            envelope = self.receive(deadline - time.monotonic())
            if envelope.parent != message_id:
                continue
            if isinstance(envelope.message, Refused):
                raise LivescapeError.from_dict(envelope.message.error)
            if isinstance(envelope.message, wanted):
                return envelope.message

    def job(self, prefix: str) -> str:
        """Return the id of the one job that begins with ``prefix``.

        Raises:
            LivescapeError: ``job_unknown``.
        """
        jobs = self.ask(ListJobs(), Jobs).jobs
        found = [job for job in jobs if job.startswith(prefix)]
        if len(found) == 1 and len(prefix) >= SHORTEST_PREFIX:
            return found[0]
        raise LivescapeError(
            "job_unknown",
            f"{len(found)} jobs of the server begin with {prefix[:40]!r}.",
            hint="List them with: livescape jobs",
        )
