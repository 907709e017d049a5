"""One authenticated client: what it waits for and what it still has to be sent."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field

from livescape.server.jobs import Job
from livescape_shared.messages import Message, Progress


@dataclass
class Stream:
    """The chunks ``next_seq`` to ``until_seq`` of a job, granted and not yet sent."""

    job: Job
    next_seq: int
    until_seq: int
    grant_id: str

    @property
    def hungry(self) -> bool:
        """Whether there is something to send."""
        return self.next_seq < min(self.until_seq, self.job.chunks)

    @property
    def unfinished(self) -> bool:
        """Whether there is more than what has been sent."""
        return self.next_seq < self.job.chunks


@dataclass
class Session:
    """A client that has said hello.

    Attributes:
        client: The name it gave.
        last_seen: Monotonic time of its last message.
        attached: Runs whose end it must be told, and the id of the submit that attached it.
        streams: What may be streamed, by job id.
        replies: Messages that must arrive, each with the id that it answers, oldest first.
        progress: The newest progress of each job; a newer one replaces it.
    """

    client: str
    last_seen: float
    attached: dict[Job, str] = field(default_factory=dict)
    streams: dict[str, Stream] = field(default_factory=dict)
    replies: deque[tuple[Message, str]] = field(default_factory=deque)
    progress: dict[str, Progress] = field(default_factory=dict)

    def reply(self, message: Message, parent: str) -> None:
        """Queue a message that must arrive."""
        self.replies.append((message, parent))

    @property
    def hungry(self) -> bool:
        """Whether there is anything to send."""
        streams = any(stream.hungry for stream in self.streams.values())
        return bool(self.replies) or bool(self.progress) or streams
