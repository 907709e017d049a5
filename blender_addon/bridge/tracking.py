"""What the client remembers of each job, so that it can take it up again."""

from __future__ import annotations

from dataclasses import dataclass

from livescape_shared.errors import LivescapeError
from livescape_shared.messages import Cancel, Chunk, Grant, Message, Submit
from livescape_shared.request import GenerateRequest


@dataclass
class Download:
    """The chunks of a finished job: what has arrived and what was asked for.

    Attributes:
        job: Job id.
        total: Number of chunks.
        window: Most chunks under way.
        next_seq: First chunk that has not arrived.
        granted: First chunk that was not asked for.
    """

    job: str
    total: int
    window: int
    next_seq: int = 0
    granted: int = 0

    @property
    def complete(self) -> bool:
        """Whether all chunks have arrived."""
        return self.next_seq >= self.total

    def restart(self) -> None:
        """Forget what was asked for, because the connection is new."""
        self.granted = self.next_seq

    def next_grant(self) -> Grant | None:
        """Return what to ask for now, None if the window is full."""
        until = min(self.next_seq + self.window, self.total)
        return Grant(self.job, self.granted, until) if until > self.granted else None

    def accept(self, chunk: Chunk) -> bool:
        """Note a chunk; return False if it is one that we have.

        Raises:
            LivescapeError: ``result_invalid`` if it is not the one that was to come.
        """
        if chunk.seq < self.next_seq:
            return False
        if chunk.seq != self.next_seq or chunk.seq >= self.granted or chunk.total != self.total:
            raise LivescapeError(
                "result_invalid",
                f"The server sent part {chunk.seq} of {chunk.total} instead of "
                f"part {self.next_seq} of {self.total}.",
                hint="Generate the scene again.",
            )
        self.next_seq += 1
        return True


class TrackedJob:
    """A job that the client follows until its last chunk.

    Args:
        job: Job id.
        request: Kept to be sent again after a reconnection; the server then attaches us.

    Attributes:
        submit_id: Id of the submit on this connection; empty until it is sent.
        known_to_server: Whether it was ever submitted.
        cancel_wanted: Whether the user wants the job to stop.
        ids: What was said about this job on this connection, to recognise refusals.
        deadline: When an acknowledgement must have come; None if none is awaited.
        download: The result, once there is one.
    """

    def __init__(self, job: str, request: GenerateRequest) -> None:
        self.job = job
        self.request = request
        self.submit_id = ""
        self.known_to_server = False
        self.cancel_wanted = False
        self.cancel_sent = False
        self.ids: set[str] = set()
        self.deadline: float | None = None
        self.download: Download | None = None

    def restart(self) -> None:
        """Prepare for a new connection: say again what may not have been heard."""
        self.deadline = None
        self.ids.clear()
        self.submit_id = ""
        self.cancel_sent = False
        if self.download is not None:
            self.download.restart()

    def outgoing(self) -> Message | None:
        """Return what to say next about this job, None if nothing."""
        if self.download is not None:
            return self.download.next_grant()
        if not self.submit_id:
            return Submit(self.request.body(), self.request.arrays())
        if self.cancel_wanted and not self.cancel_sent:
            return Cancel(self.job)
        return None

    def sent(self, message: Message, message_id: str, ack_deadline: float) -> None:
        """Note that ``message`` is on its way."""
        self.ids.add(message_id)
        if isinstance(message, Grant):
            if self.download is not None:
                self.download.granted = message.until_seq
            return
        self.deadline = ack_deadline
        if isinstance(message, Submit):
            self.submit_id, self.known_to_server = message_id, True
        else:
            self.cancel_sent = True
