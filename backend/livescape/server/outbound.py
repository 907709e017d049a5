"""What must still be sent to each client, and the sending: replies, progress, then chunks."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from enum import Enum

from livescape.server.framefile import Frame
from livescape.server.jobs import Job
from livescape.server.packer import Place, Wanted
from livescape.server.results import read_chunk
from livescape_shared.codec import encode
from livescape_shared.errors import LivescapeError
from livescape_shared.messages import Message, Progress, Refused
from livescape_shared.packing import PLAIN


@dataclass
class Stream:
    """The chunks of a job from ``next_seq`` on, for a client that has all before ``has_seq``.

    Attributes:
        job: The job.
        next_seq: First chunk that has not been sent.
        has_seq: First chunk of which the client has not said that it has it.
        credit: Bytes that it takes from ``has_seq`` on.
        grant_id: Id of the grant that began the stream.
        encoding: How its chunks are packed.
        sizes: Bytes of each chunk from ``has_seq`` up to ``next_seq``.
        under_way: Their sum.
    """

    job: Job
    next_seq: int
    has_seq: int
    credit: int
    grant_id: str
    encoding: str = PLAIN
    sizes: deque[int] = field(default_factory=deque)
    under_way: int = 0

    @property
    def hungry(self) -> bool:
        """Whether there is something to send; even the largest chunk fits the least credit."""
        return self.next_seq < self.job.chunks and self.under_way < self.credit

    @property
    def wanted(self) -> Wanted:
        """What is to be sent next."""
        job = self.job
        return Wanted(job.folder, self.next_seq, job.chunks, self.grant_id, self.encoding)

    @property
    def unfinished(self) -> bool:
        """Whether there is more than what the client has."""
        return self.has_seq < self.job.chunks

    def grant(self, has_seq: int, credit: int) -> None:
        """Note what the client has and takes; an older grant that arrives late changes nothing.

        What it has already, from a stream that was begun again meanwhile, is not sent once more.
        """
        if has_seq < self.has_seq:
            return
        for _ in range(min(has_seq - self.has_seq, len(self.sizes))):
            self.under_way -= self.sizes.popleft()
        self.has_seq, self.credit = has_seq, credit
        self.next_seq = max(self.next_seq, has_seq)

    def sent(self, size: int) -> None:
        """Note that the next chunk is on its way."""
        self.sizes.append(size)
        self.under_way += size
        self.next_seq += 1


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
    place: Place
    attached: dict[Job, str] = field(default_factory=dict)
    streams: dict[str, Stream] = field(default_factory=dict)
    replies: deque[tuple[Message, str]] = field(default_factory=deque)
    progress: dict[str, Progress] = field(default_factory=dict)
    held: deque[Sequence[bytes | memoryview]] = field(default_factory=deque)

    def reply(self, message: Message, parent: str) -> None:
        """Queue a message that must arrive."""
        self.replies.append((message, parent))

    def end_previews(self, job: Job) -> None:
        """Stop sending what was there before ``job`` ended: it is being removed."""
        for name in [name for name in self.streams if name.startswith(f"{job.id}.")]:
            del self.streams[name]

    @property
    def hungry(self) -> bool:
        """Whether there is anything to send that is not being packed."""
        streams = any(
            stream.hungry and not (stream.encoding != PLAIN and self.place.busy)
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
    session.place.keep(
        lambda wanted: any(
            stream.hungry and stream.wanted == wanted for stream in session.streams.values()
        )
    )
    for stream in list(session.streams.values()):
        if stream.hungry:
            result = _send_chunk(session, stream, send)
            if result is not SendResult.SENT:
                return result
    return SendResult.SENT


def _send_chunk(session: Session, stream: Stream, send: Send) -> SendResult:
    """Send the next chunk if it is there; a damaged one ends the stream with a refusal."""
    try:
        frames = _next_chunk(session, stream)
    except LivescapeError as error:
        stream.job.damaged = True
        del session.streams[stream.job.id]
        session.reply(Refused(error.at("grant").to_dict()), stream.grant_id)
        return SendResult.SENT
    if frames is None:
        return SendResult.SENT
    result = send(frames)
    if result is SendResult.SENT:
        if stream.encoding != PLAIN:
            session.place.clear()
        stream.sent(sum(map(len, frames)))
    return result


def _next_chunk(session: Session, stream: Stream) -> list[Frame] | None:
    """Return the next chunk of a stream, None while it is being packed.

    Raises:
        LivescapeError: ``result_corrupt``.
    """
    wanted = stream.wanted
    if stream.encoding != PLAIN:
        return session.place.take(wanted)
    return read_chunk(wanted.folder, wanted.seq, wanted.total, wanted.parent)
