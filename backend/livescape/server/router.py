"""What each message does. Independent of sockets: frames come in, and go out through ``send``."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Sequence
from functools import partial

from livescape.server.bounds import Limits
from livescape.server.desk import Desk, Request, busy
from livescape.server.greeting import Greeter, stranger
from livescape.server.jobs import Job, State
from livescape.server.outbound import SendResult, Session, Stream, flush
from livescape.server.scheduler import Scheduler
from livescape.server.standing import listing, status
from livescape_shared import __version__
from livescape_shared.codec import Envelope, decode, encode, peek_id, peek_type
from livescape_shared.errors import LivescapeError
from livescape_shared.messages import (
    MESSAGES,
    Ack,
    Cancel,
    EndJob,
    Finished,
    Forget,
    GetStatus,
    Goodbye,
    Grant,
    Hello,
    ListJobs,
    Ping,
    Pong,
    Progress,
    Prove,
    Refused,
    Status,
    Submit,
    Watch,
    Welcome,
)

LOGGER = logging.getLogger(__name__)

Frames = Sequence[bytes | memoryview]
SendTo = Callable[[bytes, list[bytes | memoryview]], SendResult]


def _explained(error: Exception) -> LivescapeError:
    """Return the error to send to the sender of a message that raised ``error``."""
    if isinstance(error, LivescapeError):
        return error
    LOGGER.error("a message could not be carried out", exc_info=error)
    if isinstance(error, MemoryError):
        return LivescapeError(
            "out_of_memory",
            "The server does not have enough memory for this message.",
            hint="Use a smaller photo, or close other programs.",
            retryable=True,
        )
    return LivescapeError(
        "server_fault",
        f"The server could not carry out a message because of a fault ({type(error).__name__}).",
        hint="Please report it with the server's log.",
    )


def _at_fault(error: Exception, frames: Frames, limit: int) -> tuple[LivescapeError, str]:
    """Return the error to send, at the message that it is about, and that message's id."""
    readable = bool(frames) and len(memoryview(frames[0])) <= limit
    kind = peek_type(frames) if readable else ""
    malformed = isinstance(error, LivescapeError) and error.code.startswith("message_")
    stage = kind if kind in MESSAGES and not malformed else "message"
    return _explained(error).at(stage), peek_id(frames) if readable else ""


def _size(frames: Frames) -> int:
    return sum(len(memoryview(frame)) for frame in frames)


class Router:
    """The clients of the server and what they ask of the scheduler.

    Args:
        send: Sends frames to a client without waiting.
        greeter: Tells clients from strangers.
        desk: Reads requests.
        scheduler: Does the work.
        limits: Bounds.
        clock: Monotonic time in seconds.
    """

    def __init__(
        self,
        send: SendTo,
        greeter: Greeter,
        desk: Desk,
        scheduler: Scheduler,
        limits: Limits,
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._send = send
        self._greeter = greeter
        self._desk = desk
        self._scheduler = scheduler
        self._limits = limits
        self._clock = clock
        self._sessions: dict[bytes, Session] = {}
        self._started = time.monotonic()

    def last_seen(self) -> float:
        """Return the monotonic time of the last message of any known client."""
        return max((session.last_seen for session in self._sessions.values()), default=0.0)

    def knows(self, identity: bytes) -> bool:
        """Return whether the peer has proved itself."""
        return identity in self._sessions

    def handle(self, identity: bytes, frames: Frames) -> None:
        """Do what a message asks, or refuse it with the reason.

        Whatever goes wrong concerns only its sender: nothing is raised.

        Args:
            identity: The connection, named by the server's own socket.
            frames: The message.
        """
        session = self._sessions.get(identity)
        try:
            self._check_size(session, frames)
            kind = peek_type(frames)
            if session is None or kind in (Hello.type, Prove.type):
                self._greet(identity, frames)
                return
            session.last_seen = self._clock()
            if kind != Ping.type and (session.held or self._desk.busy_with(session)):
                self._hold(session, frames)
            else:
                self._take(session, frames)
        except Exception as error:
            self._refuse(identity, *_at_fault(error, frames, self._limits.frame_bytes))

    def _hold(self, session: Session, frames: Frames) -> None:
        """Keep a message until the submit before it has been checked, for it may be about that."""
        size = sum(_size(each) for each in session.held)
        if len(session.held) >= self._limits.outbox or size > self._limits.request_bytes:
            raise busy()
        session.held.append(frames)

    def _take(self, session: Session, frames: Frames) -> None:
        if peek_type(frames) == Submit.type:
            self._desk.take(session, frames, peek_id(frames))
        else:
            self._dispatch(session, decode(frames, here="the server", there="the client"))

    def _check_requests(self) -> None:
        """Carry out the submits that have been checked, and what came after them."""
        for session, message_id, outcome in self._desk.done():
            try:
                if isinstance(outcome, Exception):
                    raise outcome
                self._on_submit(session, outcome)
            except Exception as error:
                session.reply(Refused(_explained(error).at(Submit.type).to_dict()), message_id)
            while session.held and not self._desk.busy_with(session):
                frames = session.held.popleft()
                try:
                    self._take(session, frames)
                except Exception as error:
                    explained, parent = _at_fault(error, frames, self._limits.frame_bytes)
                    session.reply(Refused(explained.to_dict()), parent)

    def deliver(self) -> None:
        """Tell the clients what happened to their requests and jobs since the last call."""
        self._check_requests()
        for job, event in self._scheduler.events():
            for session in self._sessions.values():
                if job not in session.attached:
                    continue
                if isinstance(event, Progress):
                    session.progress[job.id] = event
                else:
                    session.progress.pop(job.id, None)
                    session.reply(event, session.attached.pop(job))

    def flush(self) -> bool:
        """Send what can be sent, forget the clients that are gone.

        Returns:
            Whether more can be sent at once.
        """
        now, more = self._clock(), False
        for identity, session in list(self._sessions.items()):
            result = self._flush_one(identity, session)
            idle = now - session.last_seen > self._limits.session_idle_s
            if result is SendResult.GONE or len(session.replies) > self._limits.outbox or idle:
                LOGGER.info("client %s is gone", session.client)
                self._drop(identity)
            elif result is SendResult.SENT:
                more = more or session.hungry
                self._settle(session)
        self._scheduler.trim(self._being_read())
        return more

    def connected(self) -> bool:
        """Return whether a client is connected, even if it has not said anything for long."""
        self._sweep()
        return bool(self._sessions)

    def farewell(self, reason: str) -> None:
        """Tell the clients that the server ends."""
        for identity, session in list(self._sessions.items()):
            session.progress.clear()
            session.streams.clear()
            session.reply(Goodbye(reason), "")
            self._flush_one(identity, session)

    def _status(self) -> Status:
        clients = len(self._sessions)
        return status(self._scheduler, self._limits, clients=clients, started=self._started)

    def _being_read(self) -> set[str]:
        """Return the jobs whose results are being streamed."""
        streams = (stream for each in self._sessions.values() for stream in each.streams.values())
        return {stream.job.id for stream in streams if stream.unfinished}

    def _settle(self, session: Session) -> None:
        """Forget the streams that have been sent whole: their reader waits no longer."""
        for stream in list(session.streams.values()):
            if not stream.unfinished:
                del session.streams[stream.job.id]
                self._scheduler.stop_waiting(stream.job, session.key)

    def _drop(self, identity: bytes) -> None:
        """Forget a client; what it waits for goes on."""
        self._scheduler.leave(self._sessions.pop(identity).key)

    def _flush_one(self, identity: bytes, session: Session) -> SendResult:
        try:
            return flush(session, partial(self._send, identity))
        except Exception:  # no memory, for example; the client reconnects and asks again
            LOGGER.exception("client %s is dropped", session.client)
            return SendResult.GONE

    def _check_size(self, session: Session | None, frames: Frames) -> None:
        limit = self._limits.handshake_bytes
        if session is not None:
            wide = len(frames) > 1
            limit = self._limits.request_bytes if wide else self._limits.frame_bytes
        size = _size(frames)
        if size > limit:
            raise LivescapeError(
                "message_too_large",
                f"A message has {size} bytes; the server accepts {limit}.",
                hint="Use a smaller photo, or fewer frames.",
            )

    def _greet(self, identity: bytes, frames: Frames) -> None:
        """Speak with a peer until it has proved that it knows the token."""
        envelope = decode(frames, here="the server", there="the client")
        match envelope.message:
            case Hello() as hello:
                challenge = self._greeter.begin(identity, hello)
                self._send(identity, encode(challenge, parent=envelope.id))
            case Prove() as prove:
                self._welcome(identity, self._greeter.finish(identity, prove), envelope)
            case _:
                raise stranger().at(envelope.message.type)

    def _welcome(self, identity: bytes, hello: Hello, envelope: Envelope) -> None:
        """Make a session of a client; it replaces the one that this client had before."""
        key = hello.key[:80] or identity.hex()
        for other, session in list(self._sessions.items()):
            if other == identity or session.key == key:
                self._drop(other)
        if len(self._sessions) >= self._limits.sessions:
            self._sweep()
        if len(self._sessions) >= self._limits.sessions:
            raise LivescapeError(
                "server_full",
                f"The server already has {self._limits.sessions} clients.",
                hint="Close a client and try again.",
                retryable=True,
            )
        session = Session(hello.client[:80], key, self._clock())
        self._sessions[identity] = session
        LOGGER.info("client %s connected", session.client)
        welcome = Welcome(__version__, self._scheduler.device, self._limits.public())
        session.reply(welcome, envelope.id)

    def _sweep(self) -> None:
        """Forget the clients whose connection is gone; only sending to them reveals it."""
        for identity in list(self._sessions):
            if self._send(identity, encode(Pong())) is SendResult.GONE:
                self._drop(identity)

    def _dispatch(self, session: Session, envelope: Envelope) -> None:
        match envelope.message:
            case Cancel() as cancel:
                self._on_cancel(session, cancel, envelope.id)
            case Grant() as grant:
                self._on_grant(session, grant, envelope.id)
            case Ping():
                session.reply(Pong(), envelope.id)
            case ListJobs():
                session.reply(listing(self._scheduler), envelope.id)
            case GetStatus():
                session.reply(self._status(), envelope.id)
            case Watch() as watch:
                self._attach(session, self._scheduler.job(watch.job), envelope.id)
            case EndJob() as end:
                job = self._scheduler.cancel(end.job, session.key, for_everyone=True)
                session.reply(Ack(job.id, job.state.value), envelope.id)
            case Forget() as forget:
                job = self._scheduler.forget(forget.job, self._being_read())
                session.reply(Ack(job.id, job.state.value), envelope.id)
            case other:
                message = f"A client may not send {other.type!r}."
                raise LivescapeError("message_unexpected", message)

    def _refuse(self, identity: bytes, error: LivescapeError, parent: str) -> None:
        """Answer with the reason; nothing is kept of a peer without a session."""
        LOGGER.info("refused a message: %s", error.code)
        session = self._sessions.get(identity)
        if session is not None:
            session.reply(Refused(error.to_dict()), parent)
            return
        try:
            self._send(identity, encode(Refused(error.to_dict()), parent=parent))
        except Exception:
            LOGGER.exception("a client that has not connected could not be answered")

    def _on_submit(self, session: Session, request: Request) -> None:
        if request.fault is not None and not self._scheduler.has(request.job):
            raise request.fault
        try:
            job = self._scheduler.submit(request.job, request.folder, session.key, session.client)
        finally:
            request.discard()
        self._attach(session, job, request.message_id)

    def _attach(self, session: Session, job: Job, message_id: str) -> None:
        """Acknowledge a job and let the client be told how it goes and ends."""
        session.reply(Ack(job.id, job.state.value), message_id)
        if job.state.terminal:
            session.reply(job.finished(), message_id)
        else:
            session.attached[job] = message_id

    def _on_cancel(self, session: Session, cancel: Cancel, message_id: str) -> None:
        """End the job, or only this client's part in it if others wait for it too."""
        job = self._scheduler.cancel(cancel.job, session.key)
        session.reply(Ack(job.id, job.state.value), message_id)
        if not (job.state.terminal or job.cancel_requested) and job in session.attached:
            session.progress.pop(job.id, None)
            gone = Finished(job.id, State.CANCELLED.value)
            session.reply(gone, session.attached.pop(job))

    def _on_grant(self, session: Session, grant: Grant, message_id: str) -> None:
        """Note what may be sent; a grant that continues the last one extends it."""
        job = self._scheduler.job(grant.job)
        if job.state is not State.DONE:
            message = f"The job {job.id} is {job.state}; there is no result to send."
            raise LivescapeError("result_not_ready", message, retryable=True)
        size = grant.until_seq - grant.next_seq
        if grant.next_seq < 0 or not 0 <= size <= self._limits.window:
            message = f"Chunks {grant.next_seq} to {grant.until_seq} cannot be granted."
            raise LivescapeError("grant_invalid", message)
        self._scheduler.use(job)
        stream = session.streams.get(job.id)
        if stream is not None and stream.job is job and stream.until_seq == grant.next_seq:
            stream.until_seq = grant.until_seq
        else:
            session.streams[job.id] = Stream(job, grant.next_seq, grant.until_seq, message_id)
