"""One question to a server, or one order, and the wait for its answer; for a thread of its own."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TypeVar

import zmq

from livescape_shared.codec import new_id
from livescape_shared.errors import LivescapeError
from livescape_shared.messages import Message
from livescape_shared.messages import Refused as RefusedMessage
from livescape_shared.remote.access import Access
from livescape_shared.remote.pairing import PATIENCE_S

from .events import Connected, Lost, Refused, silent
from .liveness import Timing
from .server_link import Session

STEP_S = 0.02

Answer = TypeVar("Answer", bound=Message)


@contextmanager
def entered(
    access: Access, name: str, timing: Timing, *, key: str = ""
) -> Iterator[tuple[Session, str]]:
    """Give a connection that the server has welcomed, and the server's version.

    Args:
        access: The server.
        name: What its log calls us.
        timing: Patience.
        key: Of the client that we go on as; a new one if empty.

    Raises:
        LivescapeError: Why that is not possible.
    """
    context: zmq.Context[zmq.Socket[bytes]] = zmq.Context()
    session = Session(lambda: access, name, timing, context, key=key)
    try:
        yield session, _welcomed(session)
    finally:
        session.close()
        context.term()


def ask(session: Session, message: Message, wanted: type[Answer]) -> Answer:
    """Send a message and return its answer.

    Raises:
        LivescapeError: Why the server refuses, or that it is silent.
    """
    asked = new_id()
    session.send(message, asked)
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline:
        envelope = session.receive(STEP_S)
        if envelope is None or envelope.parent != asked:
            continue
        if isinstance(envelope.message, RefusedMessage):
            raise LivescapeError.from_dict(envelope.message.error)
        if isinstance(envelope.message, wanted):
            return envelope.message
    raise silent()


def _welcomed(session: Session) -> str:
    """Wait until the server has welcomed us; return its version."""
    deadline = time.monotonic() + PATIENCE_S
    while (now := time.monotonic()) < deadline:
        event: Connected | Lost | Refused | None = session.open(now)
        if event is None and (envelope := session.receive(STEP_S)) is not None:
            event = session.greeted(envelope, now)
        if event is None:
            event = session.watch(now)
        if isinstance(event, Connected):
            return event.server
        if event is not None:
            raise event.error
    raise silent()
