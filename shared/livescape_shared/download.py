"""The chunks of a result, for who receives them: what has arrived and what was asked for."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field

from livescape_shared.codec import decode
from livescape_shared.codec_arrays import malformed
from livescape_shared.errors import LivescapeError
from livescape_shared.messages import Chunk, Grant, Part
from livescape_shared.packing import PLAIN
from livescape_shared.parts import MOST_WINDOW_BYTES, Joiner, Window

WINDOW_BYTES = MOST_WINDOW_BYTES
"""Bytes under way, or one chunk if that is larger, where chunks come whole."""

NEWS = 4
"""The server is told when one part in so many of a window has arrived."""

GAPS = 8
"""How often in a row something may be missing before the server is not believed."""


@dataclass(frozen=True)
class Manner:
    """How a result is to be sent.

    Attributes:
        encoding: How its chunks are packed, one of those of :mod:`livescape_shared.packing`.
        part_bytes: Size of the parts in which they come; 0 if they come whole.
    """

    encoding: str = PLAIN
    part_bytes: int = 0


@dataclass
class Download:
    """The chunks of a finished job: what has arrived and what was asked for.

    Attributes:
        job: Job id.
        total: Number of chunks.
        digest: What the server says tells this result from another one of the job.
        manner: How it is to be sent.
        next_seq: First chunk that has not arrived.
        clock: Monotonic time in seconds.
    """

    job: str
    total: int
    digest: str
    manner: Manner = Manner()
    next_seq: int = 0
    clock: Callable[[], float] = time.monotonic
    _begun: bool = False
    _asked: bool = False
    _untold: int = 0
    _counted: bool = False
    _gaps: int = 0
    _gap_at: tuple[int, int] = (-1, 0)
    _joiner: Joiner = field(default_factory=Joiner)

    def __post_init__(self) -> None:
        """Measure the way from now on."""
        self._window = Window(self.clock)

    @property
    def complete(self) -> bool:
        """Whether all chunks have arrived."""
        return self.next_seq >= self.total

    def restart(self) -> None:
        """Forget what was asked for, because the connection is new."""
        self._begun = False
        self._window.restart()

    def next_grant(self) -> Grant | None:
        """Return what to ask for now, None if the server knows enough."""
        most, at = self._credit, self._joiner.at
        if not self._begun and not self.complete:
            manner = self.manner
            parts = manner.part_bytes
            return Grant(self.job, self.next_seq, most, True, manner.encoding, at, parts)
        if self._untold >= (1 if self.complete else most // NEWS):
            return Grant(self.job, self.next_seq, most, offset=at)
        return None

    @property
    def _credit(self) -> int:
        return self._window.bytes if self.manner.part_bytes else WINDOW_BYTES

    def told(self) -> None:
        """Note that the server is told what was granted last."""
        self._begun = self._asked = True
        self._untold = 0

    def join(self, part: Part) -> Chunk | None:
        """Take a part of a chunk in; return the chunk, to be accepted, once all of it is there.

        What was lost is asked for again.

        Raises:
            LivescapeError: ``message_malformed``, or ``result_invalid`` if it was not to come.
        """
        if part.seq < self.next_seq:
            self._repeated()
            return None
        before = self._joiner.at
        taken = self._joiner.take(part) if part.seq == self.next_seq else "gap"
        if taken == "known":
            self._repeated()
        elif taken == "gap":
            same = part.seq == self.next_seq and part.at <= before + self.manner.part_bytes
            self._missed(part.seq, same or (part.seq, part.at) == (self.next_seq + 1, 0))
        else:
            self._gaps = 0
            self._untold += self._joiner.at - before
            self._window.arrived(self._joiner.at - before)
            if self._joiner.is_whole:
                return self._joined(part)
        return None

    def accept(self, chunk: Chunk) -> bool:
        """Note a chunk; return False if it is one that we have, or one before it was lost.

        What was lost is asked for again.

        Raises:
            LivescapeError: ``result_invalid`` if it is not one that was to come.
        """
        if chunk.seq < self.next_seq:
            self._repeated()
            return False
        if chunk.total != self.total:
            raise self._unbelievable(chunk.seq, chunk.total)
        if chunk.seq > self.next_seq:
            self._missed(chunk.seq, chunk.seq == self.next_seq + 1)
            return False
        if not self._asked:
            raise self._unbelievable(chunk.seq, chunk.total)
        self.next_seq += 1
        self._gaps = 0
        if not self._counted:
            self._untold += max(1, sum(array.nbytes for array in chunk.arrays.values()))
        self._counted = False
        self._joiner.clear()
        return True

    def _joined(self, part: Part) -> Chunk | None:
        """Return the chunk of which ``part`` was the last; one that is damaged is asked for again.

        Raises:
            LivescapeError: ``message_malformed``.
        """
        frames = self._joiner.frames()
        if frames is None:
            self._missed(part.seq, True)
            return None
        chunk = decode(frames).message
        if not isinstance(chunk, Chunk) or (chunk.job, chunk.seq) != (self.job, part.seq):
            raise malformed("its parts are those of another message")
        self._counted = True
        return chunk

    def _repeated(self) -> None:
        """Note that something came that is here: it counts as under way until we have told."""
        self._untold = MOST_WINDOW_BYTES

    def _missed(self, seq: int, again: bool) -> None:
        """Ask again from the first byte that is not here, unless that has just been done.

        Args:
            seq: Number of the chunk of what came instead.
            again: Whether that would have been the next: so what was asked for again is lost too.

        Raises:
            LivescapeError: ``result_invalid`` if that happens too often, or never was to come.
        """
        if seq >= self.total or not self._asked:
            raise self._unbelievable(seq, self.total)
        here = self.next_seq, self._joiner.at
        if self._gap_at == here and not again:
            return
        if self._gaps >= GAPS:
            raise self._unbelievable(seq, self.total)
        self._gap_at, self._gaps = here, self._gaps + 1
        self.restart()

    def _unbelievable(self, seq: int, total: int) -> LivescapeError:
        return LivescapeError(
            "result_invalid",
            f"The server sent part {seq} of {total} instead of part {self.next_seq} of "
            f"{self.total}.",
            hint="Generate the scene again.",
        )
