"""The clients that have proved themselves, each with its connection, and those on the way there."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator, Sequence
from functools import partial

from livescape.server.bounds import Limits
from livescape.server.connections import client_of
from livescape.server.greeting import Greeter, stranger
from livescape.server.outbound import SendResult, Session, flush
from livescape.server.packer import PackingPlace
from livescape.server.scheduler import Scheduler
from livescape_shared import __version__
from livescape_shared.codec import Envelope, decode, encode
from livescape_shared.counted import counted
from livescape_shared.errors import LivescapeError
from livescape_shared.messages import Goodbye, Hello, Pong, Prove, Refused, Welcome
from livescape_shared.packing import offered

LOGGER = logging.getLogger(__name__)

Frames = Sequence[bytes | memoryview]
SendTo = Callable[[bytes, list[bytes | memoryview]], SendResult]


class Sessions:
    """Sessions by connection.

    Args:
        send: Sends frames to a connection without waiting.
        greeter: Tells clients from strangers.
        new_place: Makes the place where what is sent to a client is packed.
        scheduler: Learns which clients are gone and what they have read.
        limits: Bounds.
        clock: Monotonic time in seconds.
    """

    def __init__(
        self,
        send: SendTo,
        greeter: Greeter,
        new_place: Callable[[], PackingPlace],
        scheduler: Scheduler,
        limits: Limits,
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._send = send
        self._greeter = greeter
        self._new_place = new_place
        self._scheduler = scheduler
        self._limits = limits
        self._clock = clock
        self._sessions: dict[bytes, Session] = {}

    def __iter__(self) -> Iterator[Session]:
        """Return the sessions."""
        return iter(self._sessions.values())

    def __len__(self) -> int:
        """Return how many clients are connected, as far as is known without sending to them."""
        return len(self._sessions)

    def get(self, identity: bytes) -> Session | None:
        """Return the session of a connection, None for a stranger's."""
        return self._sessions.get(identity)

    def has_client(self, key: str) -> bool:
        """Return whether the client of this key is connected."""
        return any(session.key == key for session in self)

    def last_seen(self) -> float:
        """Return the monotonic time of the last message of any client."""
        return max((session.last_seen for session in self), default=0.0)

    def greet(self, identity: bytes, frames: Frames) -> None:
        """Speak with a peer until it has proved that it knows the token.

        Raises:
            LivescapeError: ``auth_failed``, ``server_full``, or what is wrong with the message.
        """
        envelope = decode(frames, here="the server", there="the client")
        match envelope.message:
            case Hello() as hello if client_of(identity):  # CURVE has proved both sides
                self._welcome(identity, hello, envelope)
            case Hello() as hello:
                challenge = self._greeter.begin(identity, hello)
                self._send(identity, encode(challenge, parent=envelope.id))
            case Prove() as prove:
                self._welcome(identity, self._greeter.finish(identity, prove), envelope)
            case _:
                raise stranger().at(envelope.message.type)

    def _welcome(self, identity: bytes, hello: Hello, envelope: Envelope) -> None:
        """Make a session of a client; it replaces the one that this client had before."""
        key = (client_of(identity)[:16] + hello.key)[:80] or identity.hex()
        for other, session in list(self._sessions.items()):
            if other == identity or session.key == key:
                self._drop(other)
        if len(self._sessions) >= self._limits.sessions:
            self.sweep()
        if len(self._sessions) >= self._limits.sessions:
            raise LivescapeError(
                "server_full",
                counted(
                    self._limits.sessions,
                    "The server already has 1 client.",
                    f"The server already has {self._limits.sessions} clients.",
                ),
                hint="Close a client and try again.",
                retryable=True,
            )
        session = Session(hello.client[:80], key, self._clock(), self._new_place())
        self._sessions[identity] = session
        LOGGER.info("client %s connected", session.client)
        encodings = dict.fromkeys(filter(None, offered()), 1)
        device, limits = self._scheduler.device, self._limits.public()
        welcome = Welcome(__version__, device, limits, encodings)
        session.reply(welcome, envelope.id)

    def refuse(self, identity: bytes, error: LivescapeError, parent: str) -> None:
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

    def being_read(self) -> set[str]:
        """Return the jobs whose results are being streamed."""
        streams = (stream for each in self for stream in each.streams.values())
        return {stream.job.id for stream in streams if stream.unfinished}

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
        return more

    def sweep(self) -> None:
        """Forget the clients whose connection is gone; only sending to them reveals it."""
        for identity in list(self._sessions):
            if self._send(identity, encode(Pong())) is SendResult.GONE:
                self._drop(identity)

    def farewell(self, reason: str) -> None:
        """Tell the clients that the server ends."""
        for identity, session in list(self._sessions.items()):
            session.progress.clear()
            session.streams.clear()
            session.reply(Goodbye(reason), "")
            self._flush_one(identity, session)

    def _settle(self, session: Session) -> None:
        """Forget the streams whose reader has everything and waits no longer."""
        for stream in list(session.streams.values()):
            if not stream.unfinished:
                del session.streams[stream.job.id]
                self._scheduler.stop_waiting(stream.job, session.key)

    def _drop(self, identity: bytes) -> None:
        """Forget a client; what it waits for goes on."""
        session = self._sessions.pop(identity)
        session.place.clear()
        self._scheduler.leave(session.key)

    def _flush_one(self, identity: bytes, session: Session) -> SendResult:
        try:
            return flush(session, partial(self._send, identity))
        except Exception:  # no memory, for example; the client reconnects and asks again
            LOGGER.exception("client %s is dropped", session.client)
            return SendResult.GONE
