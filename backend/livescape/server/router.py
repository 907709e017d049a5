"""Where each message goes. Independent of sockets: frames come in, and go out through ``send``."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future

from livescape.server.bounds import Limits
from livescape.server.desk import Desk, Request, busy
from livescape.server.greeting import Greeter
from livescape.server.jobs import Job
from livescape.server.orders import Orders
from livescape.server.outbound import Session
from livescape.server.packer import PackingPlace
from livescape.server.refusals import Frames, explained, refused, too_large
from livescape.server.scheduler import Scheduler
from livescape.server.sessions import SendTo, Sessions
from livescape.server.standing import status
from livescape.server.uploads import Uploads
from livescape_shared.codec import decode, peek_id, peek_type
from livescape_shared.messages import (
    Hello,
    Part,
    Ping,
    Preview,
    Progress,
    Prove,
    Received,
    Refused,
    Status,
    Submit,
)


class Router:
    """Takes the messages of all connections in, and tells clients what happens to their jobs.

    Args:
        send: Sends frames to a client without waiting.
        greeter: Tells clients from strangers.
        desk: Reads requests.
        new_place: Makes the place where what is sent to a client is packed.
        scheduler: Does the work.
        limits: Bounds.
        clock: Monotonic time in seconds.
    """

    def __init__(
        self,
        send: SendTo,
        greeter: Greeter,
        desk: Desk,
        new_place: Callable[[], PackingPlace],
        scheduler: Scheduler,
        limits: Limits,
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.sessions = Sessions(send, greeter, new_place, scheduler, limits, clock=clock)
        self._orders = Orders(scheduler, being_read=self.sessions.being_read, status=self._status)
        self._desk = desk
        self._scheduler = scheduler
        self._limits = limits
        self._clock = clock
        self._started = time.monotonic()
        self._uploads = Uploads(limits, clock=clock)
        self._unacknowledged: deque[tuple[Session, Job, str, Future[None] | None]] = deque()

    def last_seen(self) -> float:
        """Return the monotonic time of the last message of any known client."""
        return self.sessions.last_seen()

    def knows(self, identity: bytes) -> bool:
        """Return whether the peer has proved itself."""
        return self.sessions.get(identity) is not None

    def handle(self, identity: bytes, frames: Frames) -> None:
        """Do what a message asks, or refuse it with the reason.

        Whatever goes wrong concerns only its sender: nothing is raised.

        Args:
            identity: The connection, named by the server's own socket.
            frames: The message.
        """
        session = self.sessions.get(identity)
        try:
            self._check_size(session, frames)
            kind = peek_type(frames)
            if session is None or kind in (Hello.type, Prove.type):
                self.sessions.greet(identity, frames)
                return
            session.last_seen = self._clock()
            if kind != Ping.type and (session.held or self._busy_with(session)):
                self._hold(session, frames)
            else:
                self._take(session, frames)
        except Exception as error:
            self.sessions.refuse(identity, *refused(error, frames, self._limits.frame_bytes))

    def deliver(self) -> None:
        """Tell the clients what happened to their requests and jobs since the last call."""
        self._check_requests()
        for job, event in self._scheduler.events():
            for session in self.sessions:
                if job not in session.attached:
                    continue
                if isinstance(event, Progress):
                    session.progress[job.id] = event
                elif isinstance(event, Preview):
                    session.reply(event, session.attached[job])
                else:
                    session.progress.pop(job.id, None)
                    session.end_previews(job)
                    session.reply(event, session.attached.pop(job))

    def flush(self) -> bool:
        """Send what can be sent, forget the clients that are gone.

        Returns:
            Whether more can be sent at once.
        """
        more = self.sessions.flush()
        self._scheduler.trim(self.sessions.being_read())
        return more

    def connected(self) -> bool:
        """Return whether a client is connected, even if it has not said anything for long."""
        self.sessions.sweep()
        return len(self.sessions) > 0

    def farewell(self, reason: str) -> None:
        """Tell the clients that the server ends."""
        self.sessions.farewell(reason)

    def _status(self) -> Status:
        clients = len(self.sessions)
        return status(self._scheduler, self._limits, clients=clients, started=self._started)

    def _check_size(self, session: Session | None, frames: Frames) -> None:
        limit = self._limits.handshake_bytes
        if session is not None:
            wide = len(frames) > 1
            limit = self._limits.request_bytes if wide else self._limits.frame_bytes
        size = _size(frames)
        if size > limit:
            raise too_large(size, limit)

    def _hold(self, session: Session, frames: Frames) -> None:
        """Keep a message until the submit before it is answered, for it may be about that."""
        size = sum(_size(each) for each in session.held)
        if len(session.held) >= self._limits.outbox or size > self._limits.request_bytes:
            raise busy()
        session.held.append(frames)

    def _take(self, session: Session, frames: Frames) -> None:
        if peek_type(frames) == Submit.type:
            self._desk.take(session, frames, peek_id(frames))
            return
        envelope = decode(frames, here="the server", there="the client")
        if isinstance(envelope.message, Part):
            self._take_part(session, envelope.message, envelope.id)
        else:
            self._orders.carry_out(session, envelope)

    def _take_part(self, session: Session, part: Part, message_id: str) -> None:
        """Take a part of a submit in; of a job that is there, no more is needed.

        Raises:
            LivescapeError: As :meth:`Uploads.take` and :meth:`Desk.take`.
        """
        if self._scheduler.has(part.job):
            self._uploads.forget(session.key)
            self._begin(session, message_id, self._desk.known(part.job, message_id))
            return
        taken = self._uploads.take(session.key, part)
        if isinstance(taken, Received):
            session.reply(taken, message_id)
        else:
            self._desk.take(session, taken, message_id)

    def _busy_with(self, session: Session) -> bool:
        """Return whether a submit of ``session`` has not been answered."""
        waiting = any(each is session for each, *_ in self._unacknowledged)
        return waiting or self._desk.busy_with(session)

    def _check_requests(self) -> None:
        """Carry out the submits that have been checked, and what came after them."""
        for session, message_id, outcome in self._desk.done():
            try:
                if isinstance(outcome, Exception):
                    raise outcome
                self._begin(session, message_id, outcome)
            except Exception as error:
                _refuse_submit(session, message_id, error)
                self._release(session)
        while self._unacknowledged:
            session, job, message_id, promise = self._unacknowledged[0]
            if promise is not None and not promise.done():
                return
            self._unacknowledged.popleft()
            try:
                self._orders.admit(session, job, message_id, promise)
            except Exception as error:
                _refuse_submit(session, message_id, error)
            self._release(session)

    def _begin(self, session: Session, message_id: str, request: Request) -> None:
        """Begin the job of a request; it is acknowledged when it has been journalled."""
        try:
            job = self._orders.submit(session, request)
        finally:
            self._desk.discard(request)
        if not self.sessions.has_client(session.key):  # it hung up while this was being read
            self._scheduler.leave(session.key)
        promise = self._scheduler.promise(job)
        self._unacknowledged.append((session, job, message_id, promise))
        if promise is not None:
            promise.add_done_callback(lambda _: self._desk.ring())

    def _release(self, session: Session) -> None:
        """Carry out the messages that a submit has held up."""
        while session.held and not self._busy_with(session):
            frames = session.held.popleft()
            try:
                self._take(session, frames)
            except Exception as error:
                reason, parent = refused(error, frames, self._limits.frame_bytes)
                session.reply(Refused(reason.to_dict()), parent)


def _refuse_submit(session: Session, message_id: str, error: Exception) -> None:
    session.reply(Refused(explained(error).at(Submit.type).to_dict()), message_id)


def _size(frames: Frames) -> int:
    return sum(len(memoryview(frame)) for frame in frames)
