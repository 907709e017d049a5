"""Reads, checks and keeps requests in a thread of its own, so that the server's loop never waits.

What has been read lies in a folder of its own beside the jobs', until it becomes a job's folder; a
server that is killed in between leaves it to the next one, which clears it away.
"""

from __future__ import annotations

import secrets
import shutil
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Executor, Future
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

from livescape.server.bounds import Limits
from livescape.server.outbound import Session
from livescape.server.results import write_request
from livescape_shared.codec import Envelope, decode
from livescape_shared.errors import LivescapeError
from livescape_shared.messages import Submit
from livescape_shared.request import check_parts

Frames = Sequence[bytes | memoryview]

INCOMING = "incoming-"


@dataclass(frozen=True)
class Request:
    """A request that has been read and checked, and kept if there was room.

    Attributes:
        job: Content hash of the request.
        folder: Where it is kept; whoever wants it moves the folder.
        message_id: Id of the submit.
        fault: Why it could not be kept; of no consequence where the job is there already.
        unkept: What was not kept because the job was there; see :meth:`keep`.
        free_bytes: Disk space that must remain free when it is kept.
    """

    job: str
    folder: Path
    message_id: str
    fault: LivescapeError | None = None
    unkept: Submit | None = None
    free_bytes: int = 0

    def keep(self) -> Request:
        """Return the request on the disk for good, as far as there is room."""
        if self.unkept is None:
            return self
        kept = replace(self, unkept=None)
        try:
            write_request(kept.folder, self.unkept, free_bytes=self.free_bytes)
        except LivescapeError as fault:
            kept.discard()
            return replace(kept, fault=fault)
        except BaseException:
            kept.discard()
            raise
        return kept

    def discard(self) -> None:
        """Remove it from the disk, unless it has been moved."""
        shutil.rmtree(self.folder, ignore_errors=True)


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


def keep_submit(
    frames: Frames, results: Path, free_bytes: int, is_there: Callable[[str], bool]
) -> Request:
    """Keep the request that ``frames`` carry, on the disk for good, and return where.

    Args:
        frames: A message.
        results: Folder of the jobs' folders.
        free_bytes: Disk space that must remain free.
        is_there: Whether a job is there that serves a request; then nothing is kept.

    Raises:
        LivescapeError: ``message_malformed``, ``request_invalid`` and the codes of its parts.
    """
    envelope: Envelope = decode(frames, here="the server", there="the client")
    if not isinstance(envelope.message, Submit):
        raise LivescapeError("message_unexpected", "This is not a submit.")
    job = check_parts(envelope.message.body, envelope.message.arrays)
    folder = results / f"{INCOMING}{secrets.token_hex(8)}"
    request = Request(job, folder, envelope.id, unkept=envelope.message, free_bytes=free_bytes)
    return request if is_there(job) else request.keep()


class Desk:
    """Requests that are being checked, in the order in which they came.

    Args:
        executor: One thread, or whatever runs one call after another.
        results: Folder of the jobs' folders.
        limits: Bounds.
        is_there: Whether a job is there that serves a request; asked in that thread.
        wake: Called, from that thread, when a request has been checked.
    """

    def __init__(
        self,
        executor: Executor,
        results: Path,
        limits: Limits,
        *,
        is_there: Callable[[str], bool] = lambda _: False,
        wake: Callable[[], None] = lambda: None,
    ) -> None:
        self._is_there = is_there
        self._executor = executor
        self._results = results
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
        result = self._executor.submit(
            keep_submit, frames, self._results, self._limits.free_disk_bytes, self._is_there
        )
        self._cases.append(_Case(session, message_id, size, result))
        result.add_done_callback(lambda _: self._wake())

    def known(self, job: str, message_id: str) -> Request:
        """Return the request of a job that is there, of which nothing is kept."""
        return Request(job, self._results / f"{INCOMING}{secrets.token_hex(8)}", message_id)

    @property
    def _most_bytes(self) -> int:
        return 2 * self._limits.request_bytes

    def ring(self) -> None:
        """Let the loop come by, from any thread and even when it has ended."""
        with suppress(Exception):
            self._wake()

    def discard(self, request: Request) -> None:
        """Remove a request from the disk, unless it has been moved; in the desk's thread."""
        if request.folder.exists():
            self._executor.submit(request.discard)

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
