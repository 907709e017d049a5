"""The protocol's client: never waits unless told to, remembers jobs across broken connections."""

from __future__ import annotations

import time
from collections.abc import Callable
from types import TracebackType

import zmq

from livescape_shared.codec import new_id
from livescape_shared.errors import LivescapeError
from livescape_shared.messages import Cancel, Chunk, Message, Part, Submit
from livescape_shared.remote.access import Access
from livescape_shared.request import GenerateRequest

from .events import Event, Finished, Refused, silent
from .hearing import ABANDONED, Ear
from .liveness import State, Timing
from .server_link import Session
from .tracking import TrackedJob, submit_bytes

HEADER_BYTES = 2**18
"""Room for what a request carries beside its arrays."""

AT_ONCE_BYTES = 4 * 2**20
"""Bytes of chunks after which a call returns, so that they can be let go before others come."""

CHECKED_BYTES_PER_S = 25e6
"""How fast a server checks a request that has arrived, at least."""

DEFAULT_TIMING = Timing()


class Client:
    """Talks to one server; every call returns at once.

    Call :meth:`poll` often, from a timer or a loop, and act on the events it returns. All else
    happens inside it: connecting, heartbeats, credit, reconnection. A job that was submitted is
    followed until its last chunk has arrived, across reconnections.

    Args:
        locate: Returns where the server is now, None if none runs; see
            :func:`bridge.launcher.find_server`.
        name: What the server's log calls this client.
        timing: Patience.
        encoding: How results are packed, one of those of :mod:`livescape_shared.packing`, if the
            server can; None for no loss, and nothing packed from this machine itself.
        key: Of the client that this one goes on as: what that one waits for, this one does; a new
            one if empty.
    """

    def __init__(
        self,
        locate: Callable[[], Access | None],
        *,
        name: str = "Blender",
        timing: Timing = DEFAULT_TIMING,
        encoding: str | None = None,
        key: str = "",
    ) -> None:
        self._context: zmq.Context[zmq.Socket[bytes]] = zmq.Context()
        self._session = Session(locate, name, timing, self._context, key=key)
        self._timing = timing
        self._jobs: dict[str, TrackedJob] = {}
        self._ear = Ear(self._session, self._jobs, encoding)
        self._abandoned: set[str] = set()
        self._news: list[Event] = []

    def __enter__(self) -> Client:
        """Return the client."""
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Close it."""
        self.close()

    @property
    def state(self) -> State:
        """``connecting``, ``connected``, ``silent`` (three missed pongs) or ``lost``."""
        return self._session.state

    @property
    def jobs(self) -> tuple[str, ...]:
        """The jobs that are followed."""
        return tuple(self._jobs)

    def submit(self, request: GenerateRequest, *, previews: bool = False) -> str:
        """Ask for a scene, as soon as there is a connection; return the job id.

        The same request again joins the job that is followed already.

        Args:
            request: What to make.
            previews: Whether scenes that are there before the job has ended are wanted.
        """
        job = request.job_id()
        self._abandoned.discard(job)
        known = self._jobs.get(job)
        if known is None or known.cancel_wanted:
            self._jobs[job] = TrackedJob(job, request, previews=previews)
        return job

    def cancel(self, job: str) -> bool:
        """Stop a job; its ``Finished`` tells when it has.

        A result that is already arriving is dropped instead, without another event. Without a
        connection the job counts as cancelled at once, and the server is told when it is back.

        Returns:
            Whether its end is the server's own word, or has been.
        """
        tracked = self._jobs.get(job)
        if tracked is None:
            return True
        if tracked.download is not None:
            del self._jobs[job]
        elif not self._session.connected or tracked.uploading:
            del self._jobs[job]
            self._news.append(Finished(job, "cancelled", 0, None, {}))
            if tracked.known_to_server:
                self._abandoned.add(job)
            return False
        else:
            tracked.cancel_wanted = True
        return True

    def poll(self, budget_s: float = 0.005, wait_s: float = 0.0) -> list[Event]:
        """Move everything on and return what happened.

        Args:
            budget_s: Time after which messages that still wait are left to the next call; one
                message is always read, and chunks only so far as they are not too large together.
            wait_s: Time to wait for the first message; for loops that have nothing else to do.
        """
        events, self._news = self._news, []
        now = time.monotonic()
        self._note(events, self._session.open(now))
        self._speak(events, now)
        emptied = self._listen(events, now + wait_s + budget_s, wait_s)
        if emptied:
            now = time.monotonic()
            self._note(events, self._session.watch(now))
            deadlines = [job.deadline for job in self._jobs.values() if job.deadline is not None]
            if deadlines and min(deadlines) < now:
                self._note(events, self._session.fail(silent(), now))
            for tracked in self._jobs.values():
                if now - tracked.heard > self._timing.recheck:
                    tracked.ask_again(now)
        self._forget_connection()
        return events

    def close(self) -> None:
        """Close the connection; jobs go on at the server and can be submitted again."""
        self._jobs.clear()
        self._session.close()
        self._context.term()

    def _note(self, events: list[Event], event: Event | None) -> None:
        if event is not None:
            events.append(event)

    def _forget_connection(self) -> None:
        """Prepare every job to be taken up again once the connection is gone."""
        if not self._session.connected:
            for tracked in self._jobs.values():
                tracked.restart()

    def _speak(self, events: list[Event], now: float) -> None:
        """Say what is to be said about each job: submit, cancel, credit."""
        while self._abandoned and self._session.connected:
            self._session.send(Cancel(self._abandoned.pop()), ABANDONED)
        part_bytes = self._session.part_bytes
        for tracked in list(self._jobs.values()):
            if not tracked.submit_id and any(other.uploading for other in self._jobs.values()):
                continue  # one request at a time goes up
            while self._session.connected:
                message = tracked.outgoing(part_bytes)
                if message is None:
                    break
                size = _size(message, tracked)
                error = self._too_large(size)
                if error is not None:
                    del self._jobs[tracked.job]
                    events.append(Refused(error, tracked.job))
                    break
                upload = tracked.upload
                message_id = upload.id if upload and isinstance(message, Part) else new_id()
                if not self._session.send(message, message_id):
                    self._note(events, self._session.gone(now))
                    return
                patience = self._patience(message, size)
                tracked.sent(message, message_id, now + patience)
                tracked.heard = now

    def _patience(self, message: Message, size: int) -> float:
        """Return how long to wait for the answer to a message, of a request of ``size`` bytes."""
        if isinstance(message, Part):
            return self._session.part_patience_s + size / CHECKED_BYTES_PER_S
        return self._timing.ack + size / self._timing.bytes_per_s

    def _too_large(self, size: int) -> LivescapeError | None:
        """Return the error for a request over the server's limits, which would cut us off."""
        if size <= self._session.limits.get("request_bytes", 2**62) - HEADER_BYTES:
            return None
        return LivescapeError(
            "message_too_large",
            f"The photo and its files have {size} bytes, more than the server takes.",
            hint="Use a smaller photo.",
        )

    def _listen(self, events: list[Event], until: float, wait_s: float) -> bool:
        """Read messages until none waits or it is enough for now; return whether none waits."""
        size = 0
        while True:
            try:
                envelope = self._session.receive(wait_s)
            except LivescapeError as error:
                self._note(events, self._session.fail(error, time.monotonic()))
                return False
            if envelope is None:
                return True
            wait_s = 0.0
            if self._session.connected:
                self._note(events, self._ear.heard(envelope))
            else:
                self._note(events, self._session.greeted(envelope, time.monotonic()))
            if isinstance(envelope.message, Chunk | Part):
                size += sum(array.nbytes for array in envelope.message.arrays.values())
            if size >= AT_ONCE_BYTES or time.monotonic() >= until:
                return False


def _size(message: Message, tracked: TrackedJob) -> int:
    """Return the bytes of the request that a message carries, or carries a part of."""
    if isinstance(message, Part) and tracked.upload is not None:
        return tracked.upload.size
    return submit_bytes(message) if isinstance(message, Submit) else 0
