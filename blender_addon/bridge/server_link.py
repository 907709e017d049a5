"""A client's standing with the server: socket, hello, heartbeats, giving up, trying again."""

from __future__ import annotations

import ipaddress
import secrets
import time
from collections.abc import Callable
from urllib.parse import urlsplit

import zmq

from livescape_shared.codec import Envelope, decode, encode, new_id, split, version_error
from livescape_shared.connection import ServerInfo
from livescape_shared.download import Manner
from livescape_shared.errors import LivescapeError
from livescape_shared.greeting import Greeting
from livescape_shared.messages import PROTOCOL_VERSION, Challenge, Message, Ping, Welcome
from livescape_shared.messages import Refused as RefusedMessage
from livescape_shared.packing import PLAIN, ZSTD, offered
from livescape_shared.parts import part_size
from livescape_shared.remote.access import Access, KeyAccess, token_of

from .events import Connected, Lost, Refused, impostor, silent, unreachable
from .link import MAX_FRAME_BYTES, Link
from .liveness import Liveness, State, Timing

LEAST_FRAME_BYTES = 2**12
HERE, THERE = "Blender", "the server"
HELLO_RETRY_S = 0.01


def is_near(endpoint: str) -> bool:
    """Return whether a server's address is one of this machine."""
    host = urlsplit(endpoint).hostname or ""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


class Session:
    """One connection at a time to wherever the server is now.

    Args:
        locate: Returns the server's address and token, None if none runs. Asked before every
            attempt, because a restarted server has another port and token.
        name: What the server's log calls this client.
        timing: Patience.
        context: ZeroMQ context.
        key: What tells this client from others on every connection; a new one if empty.
    """

    def __init__(
        self,
        locate: Callable[[], Access | None],
        name: str,
        timing: Timing,
        context: zmq.Context[zmq.Socket[bytes]],
        *,
        key: str = "",
    ) -> None:
        self._locate = locate
        self._name = name
        self._timing = timing
        self._context = context
        self._key = key or secrets.token_hex(16)
        self._link: Link | None = None
        self._access: Access | None = None
        self._greeting = Greeting("", name, self._key)
        self._hello_sent = False
        self._deadline = 0.0
        self._liveness: Liveness | None = None
        self._retry_at = 0.0
        self._failures = 0
        self._told = ""
        self.limits: dict[str, int] = {}
        self._offered: set[str] = set()

    @property
    def connected(self) -> bool:
        """Whether the server has welcomed us on this connection."""
        return self._liveness is not None

    @property
    def state(self) -> State:
        """How it stands."""
        if self._liveness is not None:
            return self._liveness.state
        return "lost" if self._told else "connecting"

    def open(self, now: float) -> Lost | Refused | None:
        """Connect and say hello, if it is time to."""
        if self._link is None and now >= self._retry_at:
            try:
                self._access = access = self._locate()
            except LivescapeError as error:
                return self.fail(error, now)
            if access is None:
                return self.gone(now)
            if isinstance(access, ServerInfo) and access.protocol[0] != PROTOCOL_VERSION[0]:
                mismatch = version_error(access.protocol, here=HERE, there=THERE)
                return self.fail(mismatch, now, refused=True)
            try:
                self._link = Link(self._context, access)
            except (zmq.ZMQError, ValueError):
                return self.gone(now)
            self._greeting = Greeting(token_of(access), self._name, self._key)
            self._hello_sent = False
            self._deadline = now + self._timing.connect
        if self._link is not None and not self._hello_sent:
            refusal = self._link.refusal()
            if refusal is not None:
                return self.fail(refusal, now, refused=not refusal.retryable)
            self._hello_sent = self.send(self._greeting.hello, self._greeting.hello_id)
        return None

    def receive(self, wait_s: float) -> Envelope | None:
        """Return the next message, None if none comes within ``wait_s``.

        Raises:
            LivescapeError: If it cannot be read.
        """
        if self._link is None:
            time.sleep(wait_s)
            return None
        # Until the hello is out, come back soon: it can only be sent once we are connected.
        frames = self._link.receive(wait_s if self._hello_sent else min(wait_s, HELLO_RETRY_S))
        if frames is None:
            return None
        envelope = decode(frames, here=HERE, there=THERE)
        if self._liveness is not None:
            self._liveness.on_message()
        return envelope

    def greeted(self, envelope: Envelope, now: float) -> Connected | Lost | Refused | None:
        """Take the answer to our hello; anything else before it is ignored."""
        message = envelope.message
        if isinstance(message, RefusedMessage):
            error = LivescapeError.from_dict(message.error)
            if envelope.version[0] != PROTOCOL_VERSION[0]:
                error = version_error(envelope.version, here=HERE, there=THERE)
            return self.fail(error, now, refused=True)
        if isinstance(message, Challenge) and envelope.parent == self._greeting.hello_id:
            prove = self._greeting.prove(message)
            if prove is None:
                return self.fail(impostor(self._access), now, refused=True)
            if not self.send(prove, self._greeting.prove_id):
                return self.gone(now)
        if not isinstance(message, Welcome):
            return None
        if not self._greeting.proved:
            return self.fail(impostor(self._access), now, refused=True)
        if envelope.parent != self._greeting.prove_id:
            return None
        self._liveness = Liveness(self._timing, now)
        self._failures, self._told = 0, ""
        self.limits = {k: v for k, v in message.limits.items() if isinstance(v, int) and v > 0}
        self._offered = set(message.encodings).intersection(offered())
        return Connected(message.server, message.device, self.limits)

    def _encoding(self, wanted: str | None) -> str:
        """Return how results are to be packed: as ``wanted``, if both sides can.

        None means without loss, and only from another machine.
        """
        if wanted is None:
            near = self._access is None or is_near(self._access.endpoint)
            wanted = PLAIN if near else ZSTD
        return wanted if wanted in self._offered else PLAIN

    @property
    def part_bytes(self) -> int:
        """Size of the parts in which large messages travel; 0 if they travel whole.

        That is so on this machine, and with servers that do not know parts.
        """
        return part_size(self.limits) if isinstance(self._access, KeyAccess) else 0

    @property
    def part_patience_s(self) -> float:
        """How long to wait for news of a part."""
        return max(self._timing.ack, self._timing.lost_after * self._timing.ping)

    def manner(self, wanted: str | None) -> Manner:
        """Return how results are to be sent; ``wanted`` is how they are packed, if possible."""
        return Manner(self._encoding(wanted), self.part_bytes)

    def send(self, message: Message, message_id: str) -> bool:
        """Send a message; return False if the connection is broken."""
        if self._link is None:
            return False
        frames = encode(message, message_id=message_id)
        limit = max(self.limits.get("frame_bytes", MAX_FRAME_BYTES), LEAST_FRAME_BYTES)
        if self._liveness is not None:
            size = sum(len(memoryview(frame)) for frame in frames)
            self._liveness.excuse(time.monotonic() + size / self._timing.bytes_per_s)
        return self._link.send(split(frames, limit))

    def watch(self, now: float) -> Lost | Refused | None:
        """Give up an attempt that takes too long and a server that has fallen silent.

        To be called when all that has arrived has been read.
        """
        if self._link is None:
            return None
        if self._liveness is None:
            if now < self._deadline:
                return None
            return self.fail(silent(), now) if self._hello_sent else self.gone(now)
        if self._link.is_broken:
            return self.gone(now)
        if self._liveness.ping_due(now):
            if self._liveness.state == "lost":
                return self.fail(silent(), now)
            if not self.send(Ping(), new_id()):
                return self.gone(now)
        return None

    def gone(self, now: float) -> Lost | Refused | None:
        """As :meth:`fail`, for a server that is not there."""
        return self.fail(unreachable(self._access), now)

    def fail(
        self, error: LivescapeError, now: float, *, refused: bool = False
    ) -> Lost | Refused | None:
        """Close the connection and plan the next attempt; return what is news to the user."""
        self.close()
        wait = self._timing.backoff * 2.0 ** min(self._failures, 20)
        self._retry_at = now + min(wait, self._timing.backoff_limit)
        self._failures += 1
        if self._told == error.code:
            return None
        self._told = error.code
        return Refused(error) if refused else Lost(error)

    def close(self) -> None:
        """Close the connection."""
        if self._link is not None:
            self._link.close()
        self._link = None
        self._liveness = None
