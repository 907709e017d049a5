"""Reads and checks requests in a thread of its own, so that the server's loop never waits."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Executor, Future
from dataclasses import dataclass

from livescape.server.bounds import Limits
from livescape.server.outbound import Session
from livescape_shared.codec import Envelope, decode
from livescape_shared.errors import LivescapeError
from livescape_shared.messages import Submit
from livescape_shared.request import GenerateRequest

Frames = Sequence[bytes | memoryview]


@dataclass(frozen=True)
class Request:
    """A submit that has been read and checked.

    Attributes:
        job: Content hash of the request.
        submit: The message.
        message_id: Its id.
    """

    job: str
    submit: Submit
    message_id: str


@dataclass(frozen=True)
class _Case:
    session: Session
    message_id: str
    size: int
    result: Future[Request]


def busy() -> LivescapeError:
    """Return the error for a client that sends more than can be read."""
    return LivescapeError(
        "server_busy",
        "The server is still reading the requests that came before.",
        hint="Try again in a moment.",
        retryable=True,
    )


def read_submit(frames: Frames) -> Request:
    """Return the request that ``frames`` carry.

    Raises:
        LivescapeError: ``message_malformed``, ``request_invalid`` and the codes of its parts.
    """
    envelope: Envelope = decode(frames, here="the server", there="the client")
    if not isinstance(envelope.message, Submit):
        raise LivescapeError("message_unexpected", "This is not a submit.")
    request = GenerateRequest.from_parts(envelope.message.body, envelope.message.arrays)
    return Request(request.job_id(), envelope.message, envelope.id)


class Desk:
    """Requests that are being checked, in the order in which they came.

    Args:
        executor: One thread, or whatever runs one call after another.
        limits: Bounds.
        wake: Called, from that thread, when a request has been checked.
    """

    def __init__(
        self, executor: Executor, limits: Limits, *, wake: Callable[[], None] = lambda: None
    ) -> None:
        self._executor = executor
        self._limits = limits
        self._wake = wake
        self._cases: deque[_Case] = deque()

    def take(self, session: Session, frames: Frames, message_id: str) -> None:
        """Begin to check a submit of ``session``; :meth:`done` tells the outcome.

        Raises:
            LivescapeError: ``server_busy`` if those that wait already take too much memory.
        """
        size = sum(len(memoryview(frame)) for frame in frames)
        if self._cases and sum(case.size for case in self._cases) + size > self._most_bytes:
            raise busy()
        result = self._executor.submit(read_submit, frames)
        self._cases.append(_Case(session, message_id, size, result))
        result.add_done_callback(lambda _: self._wake())

    @property
    def _most_bytes(self) -> int:
        return 2 * self._limits.request_bytes

    def busy_with(self, session: Session) -> bool:
        """Return whether a request of ``session`` is being checked."""
        return any(case.session is session for case in self._cases)

    def done(self) -> list[tuple[Session, str, Request | Exception]]:
        """Return the outcomes since the last call: session, id of the submit, request or error."""
        outcomes: list[tuple[Session, str, Request | Exception]] = []
        while self._cases and self._cases[0].result.done():
            case = self._cases.popleft()
            error = case.result.exception()
            if error is not None and not isinstance(error, Exception):
                raise error
            outcomes.append((case.session, case.message_id, error or case.result.result()))
        return outcomes
