"""What must still be sent to each client, and the sending: replies, progress, then chunks."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from enum import Enum

from livescape.server.jobs import Job
from livescape.server.packer import PackingPlace, Wanted
from livescape.server.results import read_chunk
from livescape_shared.codec import encode
from livescape_shared.errors import LivescapeError
from livescape_shared.messages import Message, Progress, Refused
from livescape_shared.packing import PLAIN
from livescape_shared.parts import Whole

TURN_BYTES = 2**20
"""Bytes of parts that are sent in one turn."""


@dataclass
class Stream:
    """The chunks of a job from ``next_seq`` on, for a client that has all before ``has_seq``.

    Attributes:
        job: The job.
        next_seq: First chunk that has not been sent.
        has_seq: First chunk of which the client has not said that it has it.
        credit: Bytes that it takes from there on.
        grant_id: Id of the grant that began the stream.
        encoding: How its chunks are packed.
        part_bytes: Size of the parts in which they are sent; 0 if whole.
        offset: Bytes of chunk ``next_seq`` that have been sent.
        has_offset: Bytes of chunk ``has_seq`` that the client has said that it has.
        sizes: Bytes of each chunk from ``has_seq`` up to ``next_seq``.
    """

    job: Job
    next_seq: int
    has_seq: int
    credit: int
    grant_id: str
    encoding: str = PLAIN
    part_bytes: int = 0
    offset: int = 0
    has_offset: int = 0
    sizes: deque[int] = field(default_factory=deque)
    _whole: int = 0

    @property
    def under_way(self) -> int:
        """Bytes that have been sent of what the client has not."""
        return self._whole + self.offset - self.has_offset

    @property
    def made_ready(self) -> bool:
        """Whether its chunks are packed or cut beside the loop."""
        return self.encoding != PLAIN or self.part_bytes > 0

    @property
    def hungry(self) -> bool:
        """Whether there is something to send; even the largest chunk fits the least credit."""
        return self.next_seq < self.job.chunks and self.under_way < self.credit

    @property
    def wanted(self) -> Wanted:
        """What is to be sent next."""
        job = self.job
        in_parts = self.part_bytes > 0
        parent = "" if in_parts else self.grant_id
        return Wanted(job.folder, self.next_seq, job.chunks, parent, self.encoding, in_parts)

    @property
    def unfinished(self) -> bool:
        """Whether there is more than what the client has."""
        return self.has_seq < self.job.chunks

    def grant(self, has_seq: int, credit: int, has_offset: int = 0) -> None:
        """Note what the client has and takes; an older grant that arrives late changes nothing.

        What it has already, from a stream that was begun again meanwhile, is not sent once more.
        """
        has = has_seq, has_offset if self.part_bytes else 0
        if has < (self.has_seq, self.has_offset):
            return
        for _ in range(min(has_seq - self.has_seq, len(self.sizes))):
            self._whole -= self.sizes.popleft()
        (self.has_seq, self.has_offset), self.credit = has, credit
        self.next_seq, self.offset = max((self.next_seq, self.offset), has)

    def sent(self, size: int) -> None:
        """Note that the next chunk, of ``size`` bytes, is on its way, or the last part of it."""
        self.sizes.append(size)
        self._whole += size
        self.next_seq, self.offset = self.next_seq + 1, 0


@dataclass
class Session:
    """A client that has sent hello.

    Attributes:
        client: The name it gave.
        key: What tells it from others, the same after it has reconnected.
        last_seen: Monotonic time of its last message.
        place: Where its chunks are packed.
        attached: Runs whose end must be reported to it, and the id of the submit that attached it.
        streams: What may be streamed, by job id.
        replies: Messages that must arrive, each with the id that it answers, oldest first.
        progress: The newest progress of each job; a newer one replaces it.
        held: Messages that came after a submit that is still being checked.
    """

    client: str
    key: str
    last_seen: float
    place: PackingPlace
    attached: dict[Job, str] = field(default_factory=dict)
    streams: dict[str, Stream] = field(default_factory=dict)
    replies: deque[tuple[Message, str]] = field(default_factory=deque)
    progress: dict[str, Progress] = field(default_factory=dict)
    held: deque[Sequence[bytes | memoryview]] = field(default_factory=deque)

    def reply(self, message: Message, parent: str) -> None:
        """Queue a message that must arrive."""
        self.replies.append((message, parent))

    def keep_what_is_wanted(self) -> None:
        """Empty the place if nobody wants what is in it.

        What a stream is in the middle of waits for its credit, unless another one has some.
        """
        streams = [stream for stream in self.streams.values() if stream.made_ready]
        others = any(stream.hungry for stream in streams)
        self.place.keep(
            lambda wanted: any(
                stream.wanted == wanted and (stream.hungry or (stream.offset > 0 and not others))
                for stream in streams
            )
        )

    def end_previews(self, job: Job) -> None:
        """Stop sending what was there before ``job`` ended: it is being removed."""
        for name in [name for name in self.streams if name.startswith(f"{job.id}.")]:
            del self.streams[name]

    @property
    def hungry(self) -> bool:
        """Whether there is anything to send that is not being packed."""
        streams = any(
            stream.hungry and not (stream.made_ready and self.place.busy)
            for stream in self.streams.values()
        )
        return bool(self.replies) or bool(self.progress) or streams


class SendResult(Enum):
    """The outcome of sending a message."""

    SENT = "sent"
    BLOCKED = "blocked"
    """The client does not read its messages; try again later."""
    GONE = "gone"
    """That client is no longer connected."""


Send = Callable[[list[bytes | memoryview]], SendResult]


def _say(send: Send, message: Message, parent: str = "") -> SendResult:
    return send(encode(message, parent=parent))


def flush(session: Session, send: Send) -> SendResult:
    """Send the replies and the newest progress, and one chunk of each stream.

    One chunk per turn keeps the loop responsive: heartbeats and other clients come in between.

    Returns:
        ``SENT`` if everything was sent, or else the first other result.
    """
    while session.replies:
        message, parent = session.replies[0]
        result = _say(send, message, parent)
        if result is not SendResult.SENT:
            return result
        session.replies.popleft()
    for job, progress in list(session.progress.items()):
        result = _say(send, progress)
        if result is not SendResult.SENT:
            return result
        del session.progress[job]
    session.keep_what_is_wanted()
    for stream in list(session.streams.values()):
        if stream.hungry:
            result = _send_chunk(session, stream, send)
            if result is not SendResult.SENT:
                return result
    return SendResult.SENT


def _send_chunk(session: Session, stream: Stream, send: Send) -> SendResult:
    """Send the next chunk if it is there; a damaged one ends the stream with a refusal."""
    try:
        whole = session.place.take(stream.wanted) if stream.made_ready else _read(stream.wanted)
    except LivescapeError as error:
        stream.job.damaged = True
        del session.streams[stream.job.id]
        session.reply(Refused(error.at("grant").to_dict()), stream.grant_id)
        return SendResult.SENT
    if whole is None:
        return SendResult.SENT
    sent = stream.next_seq
    result = _send_parts(stream, whole, send) if stream.part_bytes else send([*whole.frames])
    if result is SendResult.SENT and not stream.part_bytes:
        stream.sent(whole.size)
    if stream.made_ready and stream.next_seq > sent:
        session.place.clear()
    return result


def _send_parts(stream: Stream, whole: Whole, send: Send) -> SendResult:
    """Send the next parts of a chunk, as far as the credit and this turn allow."""
    end = stream.offset + TURN_BYTES
    if stream.offset >= whole.size:  # it was told so by a client that has parts of another one
        stream.offset = stream.has_offset = 0
    while stream.hungry and stream.offset < end:
        part = whole.part(stream.job.id, stream.next_seq, stream.offset, stream.part_bytes)
        result = _say(send, part, stream.grant_id)
        if result is not SendResult.SENT:
            return result
        stream.offset += len(part.arrays["bytes"])
        if stream.offset == whole.size:
            stream.sent(whole.size)
            break
    return SendResult.SENT


def _read(wanted: Wanted) -> Whole:
    """Return a chunk as it is on the disk.

    Raises:
        LivescapeError: ``result_corrupt``.
    """
    return Whole(read_chunk(wanted.folder, wanted.seq, wanted.total, wanted.parent))
