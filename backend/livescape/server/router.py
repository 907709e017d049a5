"""What each message does. Independent of sockets: frames come in, and go out through ``send``."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Sequence
from functools import partial

from livescape.server.bounds import Limits
from livescape.server.endpoint import tokens_equal
from livescape.server.jobs import State
from livescape.server.outbound import SendResult, Session, Stream, flush
from livescape.server.scheduler import Scheduler
from livescape_shared import __version__
from livescape_shared.codec import Envelope, decode, encode, peek_id
from livescape_shared.errors import LivescapeError
from livescape_shared.messages import (
    Ack,
    Cancel,
    Finished,
    Grant,
    Hello,
    Ping,
    Pong,
    Progress,
    Refused,
    Submit,
    Welcome,
)
from livescape_shared.request import GenerateRequest

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


class Router:
    """The clients of the server and what they ask of the scheduler.

    Args:
        send: Sends frames to a client without waiting.
        token: The secret that a client must know.
        scheduler: Does the work.
        limits: Bounds.
        clock: Monotonic time in seconds.
    """

    def __init__(
        self,
        send: SendTo,
        token: str,
        scheduler: Scheduler,
        limits: Limits,
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._send = send
        self._token = token
        self._scheduler = scheduler
        self._limits = limits
        self._clock = clock
        self._sessions: dict[bytes, Session] = {}

    def last_seen(self) -> float:
        """Return the monotonic time of the last message of any known client."""
        return max((session.last_seen for session in self._sessions.values()), default=0.0)

    def handle(self, identity: bytes, frames: Frames) -> None:
        """Do what a message asks, or refuse it with the reason.

        Whatever goes wrong concerns only its sender: nothing is raised.
        """
        limit = self._limits.request_bytes
        if identity not in self._sessions:
            limit = self._limits.handshake_bytes
        envelope = None
        try:
            self._check_size(frames, limit)
            envelope = decode(frames, here="the server", there="the client")
            session = self._sessions.get(identity)
            if session is None or isinstance(envelope.message, Hello):
                self._greet(identity, envelope)
            else:
                session.last_seen = self._clock()
                self._dispatch(session, envelope)
        except Exception as error:
            stage, parent = "message", ""
            if envelope is not None:
                stage, parent = envelope.message.type, envelope.id
            elif frames and len(memoryview(frames[0])) <= limit:
                parent = peek_id(frames)
            self._refuse(identity, _explained(error).at(stage), parent)

    def deliver(self) -> None:
        """Tell the clients what happened to their jobs since the last call."""
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

    def _being_read(self) -> set[str]:
        """Return the jobs whose results are being streamed."""
        streams = (stream for each in self._sessions.values() for stream in each.streams.values())
        return {stream.job.id for stream in streams if stream.unfinished}

    def _settle(self, session: Session) -> None:
        """Forget the streams that have been sent whole: their reader waits no longer."""
        for stream in list(session.streams.values()):
            if not stream.unfinished:
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

    def _check_size(self, frames: Frames, limit: int) -> None:
        size = sum(len(memoryview(frame)) for frame in frames)
        if size > limit:
            raise LivescapeError(
                "message_too_large",
                f"A message has {size} bytes; the server accepts {limit}.",
                hint="Use a smaller photo, or fewer frames.",
            )

    def _greet(self, identity: bytes, envelope: Envelope) -> None:
        """Make a session of a peer that knows the token.

        The same identity again means that the client has reconnected and starts from scratch.
        """
        if identity in self._sessions:
            self._drop(identity)
        hello = envelope.message
        if not isinstance(hello, Hello) or not tokens_equal(hello.token, self._token):
            raise LivescapeError(
                "auth_failed",
                "The server does not know this client.",
                hint="Restart the server, or connect with the token in its server.json file.",
            )
        if len(self._sessions) >= self._limits.sessions:
            self._sweep()
        if len(self._sessions) >= self._limits.sessions:
            raise LivescapeError(
                "server_full",
                f"The server already has {self._limits.sessions} clients.",
                hint="Close a client and try again.",
                retryable=True,
            )
        session = Session(hello.client[:80], identity.hex(), self._clock())
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
            case Submit() as submit:
                self._on_submit(session, submit, envelope.id)
            case Cancel() as cancel:
                self._on_cancel(session, cancel, envelope.id)
            case Grant() as grant:
                self._on_grant(session, grant, envelope.id)
            case Ping():
                session.reply(Pong(), envelope.id)
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

    def _on_submit(self, session: Session, submit: Submit, message_id: str) -> None:
        request = GenerateRequest.from_parts(submit.body, submit.arrays)
        job = self._scheduler.submit(request.job_id(), submit, session.key, session.client)
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
