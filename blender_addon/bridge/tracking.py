"""What the client remembers of each job, so that it can take it up again."""

from __future__ import annotations

from dataclasses import dataclass

from livescape_shared.errors import LivescapeError
from livescape_shared.messages import Cancel, Chunk, Grant, Message, Submit, Watch
from livescape_shared.packing import PLAIN
from livescape_shared.request import PREVIEWS, GenerateRequest

WINDOW_BYTES = 64 * 2**20
"""Bytes under way, or one chunk if that is larger; more do not fill a connection better."""

_NEWS = WINDOW_BYTES // 4
"""Bytes that have arrived after which the server is told."""

GAPS = 8
"""How often in a row a chunk may be missing before the server is not believed."""

LOSSES = 3
"""How often a server may lose a result that it has announced."""


@dataclass
class Download:
    """The chunks of a finished job: what has arrived and what was asked for.

    Attributes:
        job: Job id.
        total: Number of chunks.
        digest: What the server says tells this result from another one of the job.
        encoding: How its chunks are to be packed.
        next_seq: First chunk that has not arrived.
    """

    job: str
    total: int
    digest: str
    encoding: str = PLAIN
    next_seq: int = 0
    _begun: bool = False
    _asked: bool = False
    _untold: int = 0
    _gaps: int = 0
    _gap_at: int = -1

    @property
    def complete(self) -> bool:
        """Whether all chunks have arrived."""
        return self.next_seq >= self.total

    def restart(self) -> None:
        """Forget what was asked for, because the connection is new."""
        self._begun = False

    def next_grant(self) -> Grant | None:
        """Return what to ask for now, None if the server knows enough."""
        if not self._begun and not self.complete:
            return Grant(self.job, self.next_seq, WINDOW_BYTES, True, self.encoding)
        if self._untold >= (1 if self.complete else _NEWS):
            return Grant(self.job, self.next_seq, WINDOW_BYTES)
        return None

    def told(self) -> None:
        """Note that the server is told what was granted last."""
        self._begun = self._asked = True
        self._untold = 0

    def accept(self, chunk: Chunk) -> bool:
        """Note a chunk; return False if it is one that we have, or one before it was lost.

        What was lost is asked for again.

        Raises:
            LivescapeError: ``result_invalid`` if it is not one that was to come.
        """
        if chunk.seq < self.next_seq:
            self._untold = _NEWS  # it was sent again, which counts as under way until we have told
            return False
        believable = self._asked and chunk.seq < self.total == chunk.total
        if believable and chunk.seq > self.next_seq and self._gaps < GAPS:
            if self._gap_at != self.next_seq or chunk.seq == self.next_seq + 1:
                self._gap_at, self._gaps = self.next_seq, self._gaps + 1
                self.restart()
            return False
        if not believable or chunk.seq != self.next_seq:
            raise LivescapeError(
                "result_invalid",
                f"The server sent part {chunk.seq} of {chunk.total} instead of "
                f"part {self.next_seq} of {self.total}.",
                hint="Generate the scene again.",
            )
        self.next_seq += 1
        self._untold += max(1, sum(array.nbytes for array in chunk.arrays.values()))
        self._gaps = 0
        return True


class TrackedJob:
    """A job that the client follows until its last chunk.

    Args:
        job: Job id.
        request: Kept to be sent again after a reconnection; the server then attaches us.
        previews: Whether to ask for scenes that are there before the job has ended.

    Attributes:
        submit_id: Id of the submit on this connection, or of the last question how the job stands;
            empty until it is sent.
        known_to_server: Whether it was ever submitted.
        cancel_wanted: Whether the user wants the job to stop.
        ids: What was said about this job on this connection, to recognise refusals.
        outdated: Those of a result that the server has lost; it may refuse each of them.
        deadline: When an acknowledgement must have come; None if none is awaited.
        download: The result, once there is one.
        begun: A result of which the server has lost the rest, so that the job was submitted again.
        preview: A scene that is there before the job has ended, as far as it has arrived.
        preview_ids: What was said about previews on this connection; it may be refused.
        heard: Monotonic time of the last news about the job, or of the last question about it.
    """

    def __init__(self, job: str, request: GenerateRequest, *, previews: bool = False) -> None:
        self.job = job
        self.request = request
        self.preview: Download | None = None
        self.preview_ids: set[str] = set()
        self._previews = previews
        self._previewed: set[str] = set()
        self.submit_id = ""
        self.known_to_server = False
        self.cancel_wanted = False
        self.cancel_sent = False
        self.ids: set[str] = set()
        self.outdated: set[str] = set()
        self.deadline: float | None = None
        self.download: Download | None = None
        self.begun: Download | None = None
        self.heard = 0.0
        self._unsure = False
        self._losses = 0

    def restart(self) -> None:
        """Prepare for a new connection: say again what may not have been heard."""
        self.deadline = None
        self.ids.clear()
        self.submit_id = ""
        self.cancel_sent = False
        self._unsure = False
        self.preview = None  # it is announced again
        self.preview_ids.clear()
        if self.download is not None:
            self.download.restart()

    def announce(self, name: str, chunks: int, digest: str, encoding: str = PLAIN) -> None:
        """Begin a scene that is there already, unless it is one that has arrived or is arriving."""
        known = self._previewed | ({self.preview.digest} if self.preview is not None else set())
        if self._previews and self.download is None and chunks > 0 and digest not in known:
            self.preview = Download(name, chunks, digest, encoding)

    def previewed(self) -> None:
        """Note that a preview is whole."""
        if self.preview is not None:
            self._previewed.add(self.preview.digest)
            self.preview = None

    def ask_again(self, now: float) -> None:
        """Prepare to ask how it stands, because there was no news for long."""
        self.heard = now
        if self.download is not None:
            self.download.restart()
        elif self.submit_id and self.deadline is None:
            self._unsure = True

    def submit_again(self) -> bool:
        """Prepare to submit a job that the server has lost, or its result; return whether to."""
        self._losses += 1
        if self._losses > LOSSES:
            return False
        if self.download is not None:
            self.begun, self.download = self.download, None
        self.outdated |= self.ids
        self.restart()
        return True

    def receive(self, total: int, digest: str, encoding: str = PLAIN) -> None:
        """Begin the result, or go on with the one that was begun if it is the same to the bit.

        Raises:
            LivescapeError: ``result_changed``.
        """
        self.preview = None  # the server has removed it
        begun, self.begun = self.begun, None
        if begun is None or begun.next_seq == 0:
            self.download = Download(self.job, total, digest, encoding)
        elif (begun.total, begun.digest) == (total, digest):
            begun.restart()
            self.download = begun
        else:
            raise LivescapeError(
                "result_changed",
                "The server lost the scene while it was being sent and has made another one.",
                hint="Generate the scene again; it is there already.",
                retryable=True,
            )

    def outgoing(self) -> Message | None:
        """Return what to say next about this job, None if nothing."""
        if self.download is not None:
            return self.download.next_grant()
        if not self.submit_id:
            asked = {PREVIEWS: True} if self._previews else {}
            return Submit({**self.request.body(), **asked}, self.request.arrays())
        if self.cancel_wanted and not self.cancel_sent:
            return Cancel(self.job)
        if self.preview is not None and (grant := self.preview.next_grant()) is not None:
            return grant
        return Watch(self.job) if self._unsure else None

    def sent(self, message: Message, message_id: str, ack_deadline: float) -> None:
        """Note that ``message`` is on its way."""
        if isinstance(message, Grant) and message.job != self.job:
            self.preview_ids.add(message_id)
            if self.preview is not None:
                self.preview.told()
            return
        self.ids.add(message_id)
        if isinstance(message, Grant):
            if self.download is not None:
                self.download.told()
            return
        self.deadline = ack_deadline
        if isinstance(message, Submit | Watch):
            self.submit_id, self.known_to_server = message_id, True
            self._unsure = False
        else:
            self.cancel_sent = True
