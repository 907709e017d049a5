"""What each message of a client does."""

from __future__ import annotations

from collections.abc import Callable, Collection
from concurrent.futures import Future

from livescape.server.desk import Request
from livescape.server.jobs import Job, State
from livescape.server.outbound import Session, Stream
from livescape.server.scheduler import Scheduler
from livescape.server.standing import listing
from livescape_shared.codec import Envelope
from livescape_shared.errors import LivescapeError
from livescape_shared.messages import (
    Ack,
    Cancel,
    EndJob,
    Finished,
    Forget,
    GetStatus,
    Grant,
    ListJobs,
    Ping,
    Pong,
    Status,
    Watch,
)
from livescape_shared.packing import offered
from livescape_shared.parts import LEAST_PART_BYTES, MOST_PART_BYTES


class Orders:
    """Carries out what clients ask of the scheduler.

    Args:
        scheduler: Does the work.
        being_read: Tells the jobs whose results are being streamed.
        status: Tells how the server is.
    """

    def __init__(
        self,
        scheduler: Scheduler,
        *,
        being_read: Callable[[], Collection[str]],
        status: Callable[[], Status],
    ) -> None:
        self._scheduler = scheduler
        self._being_read = being_read
        self._status = status

    def carry_out(self, session: Session, envelope: Envelope) -> None:
        """Do what a message of ``session`` asks, and queue the answer.

        Raises:
            LivescapeError: ``message_unexpected``, or why the message is refused.
        """
        match envelope.message:
            case Cancel() as cancel:
                self._cancel(session, cancel, envelope.id)
            case Grant() as grant:
                self._grant(session, grant, envelope.id)
            case Ping():
                session.reply(Pong(), envelope.id)
            case ListJobs():
                session.reply(listing(self._scheduler), envelope.id)
            case GetStatus():
                session.reply(self._status(), envelope.id)
            case Watch() as watch:
                _attach(session, self._scheduler.job(watch.job), envelope.id)
            case EndJob() as end:
                job = self._scheduler.cancel(end.job, session.key, for_everyone=True)
                session.reply(Ack(job.id, job.state.value), envelope.id)
            case Forget() as forget:
                job = self._scheduler.forget(forget.job, self._being_read())
                session.reply(Ack(job.id, job.state.value), envelope.id)
            case other:
                message = f"A client may not send {other.type!r}."
                raise LivescapeError("message_unexpected", message)

    def submit(self, session: Session, request: Request) -> Job:
        """Begin the job of a request that has been checked, or join those that wait for it.

        The client is told by :meth:`admit`, once the job is in the journal.

        Raises:
            LivescapeError: Why the request could not be kept, or the scheduler's reason.
        """
        if not self._scheduler.has(request.job):
            request = request.keep()  # the job may just have gone
            if request.fault is not None:
                raise request.fault
        return self._scheduler.submit(request.job, request.folder, session.key, session.client)

    def admit(
        self, session: Session, job: Job, message_id: str, promise: Future[None] | None
    ) -> None:
        """Tell a client that its job will be done, whatever happens to the server.

        Raises:
            LivescapeError: Why it cannot be promised; the client's part in the job has ended then.
        """
        error = None if promise is None else promise.exception()
        if error is not None:
            self._scheduler.cancel(job.id, session.key)
            raise error
        _attach(session, job, message_id)

    def _cancel(self, session: Session, cancel: Cancel, message_id: str) -> None:
        """End the job, or only this client's part in it if others wait for it too."""
        job = self._scheduler.cancel(cancel.job, session.key)
        session.reply(Ack(job.id, job.state.value), message_id)
        if not (job.state.terminal or job.cancel_requested) and job in session.attached:
            session.progress.pop(job.id, None)
            gone = Finished(job.id, State.CANCELLED.value)
            session.reply(gone, session.attached.pop(job))

    def _grant(self, session: Session, grant: Grant, message_id: str) -> None:
        """Note what may be sent; only a grant that says so begins a stream."""
        job = self._scheduler.result(grant.job)
        if job.state is not State.DONE:
            message = f"The job {job.id} is {job.state}; there is no result to send."
            raise LivescapeError("result_not_ready", message, retryable=True)
        first, credit, offset = grant.next_seq, grant.bytes, grant.offset
        part_bytes = min(grant.part_bytes, MOST_PART_BYTES)
        if grant.encoding not in offered():
            message = f"Chunks cannot be packed as {grant.encoding[:40]!r}."
            raise LivescapeError("grant_invalid", message)
        if offset < 0 or not (part_bytes == 0 or part_bytes >= LEAST_PART_BYTES):
            message = f"Parts of {part_bytes} bytes from byte {offset} on cannot be granted."
            raise LivescapeError("grant_invalid", message)
        if first < 0 or credit < 0:
            message = f"{credit} bytes from chunk {first} on cannot be granted."
            raise LivescapeError("grant_invalid", message)
        self._scheduler.use(job)
        stream = session.streams.get(job.id)
        if grant.start:
            stream = Stream(job, first, first, credit, message_id, grant.encoding, part_bytes)
            stream.grant(first, credit, offset)
            session.streams[job.id] = stream
        elif stream is not None and stream.job is job:
            stream.grant(first, credit, offset)


def _attach(session: Session, job: Job, message_id: str) -> None:
    """Acknowledge a job and let the client be told how it goes and ends."""
    session.reply(Ack(job.id, job.state.value), message_id)
    if job.state.terminal:
        session.reply(job.finished(), message_id)
    else:
        session.attached[job] = message_id
        early = job.announced()
        if early is not None:
            session.reply(early, message_id)
