"""Large messages in parts, for ways that carry little: what has arrived of one is never lost.

The frames of an encoded message, one after another, are cut into parts. Each part says where it
begins, how long the frames are, and the checksum of all of them together, which tells one message
from another: whoever has the beginning can ask for the rest, over another connection too.
"""

from __future__ import annotations

import time
import zlib
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from itertools import accumulate, pairwise
from typing import Literal

import numpy as np

from livescape_shared.codec_arrays import MAX_MESSAGE_BYTES, malformed
from livescape_shared.messages import Part

PART_BYTES = 2**17
"""Bytes of a part, so that one arrives every second or two where 100 kB/s get through."""

LEAST_PART_BYTES, MOST_PART_BYTES = 2**12, 2**20
MOST_FRAMES = 2**7

LEAST_WINDOW_BYTES = 2**19
MOST_WINDOW_BYTES = 2**26
"""Bytes under way; more do not fill a connection better."""

QUICK_S, SLOW_S = 1.0, 4.0
"""A window that arrives sooner is made larger, one that takes longer smaller."""

Taken = Literal["new", "known", "gap"]


def part_size(limits: Mapping[str, int]) -> int:
    """Return the size of parts for a server of these ``limits``; 0 if it does not know them."""
    most = limits.get("part_bytes", 0)
    return min(most, PART_BYTES) if most >= LEAST_PART_BYTES else 0


class Whole:
    """An encoded message that can be cut.

    Args:
        frames: Its frames, which are not copied.
    """

    def __init__(self, frames: Sequence[bytes | memoryview]) -> None:
        self.frames = [memoryview(frame).cast("B") for frame in frames]
        self._ends = list(accumulate(map(len, self.frames), initial=0))
        self.size = self._ends[-1]

    @cached_property
    def check(self) -> int:
        """CRC-32 of all frames, one after another."""
        check = 0
        for frame in self.frames:
            check = zlib.crc32(frame, check)
        return check

    def part(self, job: str, seq: int, at: int, most_bytes: int) -> Part:
        """Return the part that begins at byte ``at``, of ``most_bytes`` or what is left.

        Args:
            job: Id of the job or name of the preview.
            seq: Number of the message among those of the job.
            at: Where it begins, less than ``size``.
            most_bytes: Its largest size.
        """
        end = min(at + most_bytes, self.size)
        pieces = [
            frame[max(at - first, 0) : max(end - first, 0)]
            for frame, first in zip(self.frames, self._ends, strict=False)
        ]
        data = np.frombuffer(b"".join(pieces), np.uint8)
        lengths = np.diff(np.asarray(self._ends, np.int64))
        return Part(job, seq, at, self.check, {"lengths": lengths, "bytes": data})


class Joiner:
    """Puts the parts of one message at a time together; takes the memory of what has come.

    Args:
        most_bytes: Largest message.
    """

    def __init__(self, most_bytes: int = MAX_MESSAGE_BYTES) -> None:
        self._most_bytes = most_bytes
        self._data = bytearray()
        self._check = 0
        self._lengths: tuple[int, ...] = ()

    @property
    def at(self) -> int:
        """Bytes that are there, from the first one on."""
        return len(self._data)

    @property
    def is_whole(self) -> bool:
        """Whether all of the message is there."""
        return bool(self._lengths) and len(self._data) == sum(self._lengths)

    def take(self, part: Part) -> Taken:
        """Take a part in and return what it was: the next one, one that is there, or a later one.

        The first part of another message begins that one; a later part of it is a gap, and what is
        there of the first message is dropped.

        Raises:
            LivescapeError: ``message_malformed``.
        """
        lengths, data = _checked(part, self._most_bytes)
        if (part.check, lengths) != (self._check, self._lengths):
            self.clear()
            if part.at > 0:
                return "gap"
            self._check, self._lengths = part.check, lengths
        if part.at > self.at:
            return "gap"
        if part.at < self.at:
            return "known"
        self._data += data
        return "new"

    def frames(self) -> list[memoryview] | None:
        """Return the frames of the whole message, which is no longer kept; None if it is damaged.

        The caller may keep them, and nothing is copied.
        """
        data, lengths, check = self._data, self._lengths, self._check
        self.clear()
        if zlib.crc32(data) != check:
            return None
        view = memoryview(data)
        return [view[first:end] for first, end in pairwise(accumulate(lengths, initial=0))]

    def clear(self) -> None:
        """Forget what is there."""
        self._data, self._check, self._lengths = bytearray(), 0, ()


def _checked(part: Part, most_bytes: int) -> tuple[tuple[int, ...], memoryview]:
    """Return the lengths of the frames of a message and the bytes of this part of it."""
    lengths, data = part.arrays.get("lengths"), part.arrays.get("bytes")
    if lengths is None or data is None or lengths.dtype != np.int64 or data.dtype != np.uint8:
        raise malformed("a part has no lengths or no bytes")
    if lengths.ndim != 1 or data.ndim != 1 or not 1 <= len(lengths) <= MOST_FRAMES:
        raise malformed("a part has lengths or bytes of another shape")
    sizes = tuple(map(int, lengths))
    if min(sizes) < 0 or not 0 < sum(sizes) <= most_bytes:
        raise malformed("a part is one of a message that is too large")
    if part.at < 0 or len(data) == 0 or part.at + len(data) > sum(sizes):
        raise malformed("a part lies outside its message")
    return sizes, data.data


class Window:
    """How many bytes may be under way: about as many as the way carries in a second or a few.

    More would fill a slow way for so long that nothing else gets through.

    Args:
        clock: Monotonic time in seconds.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self.bytes = LEAST_WINDOW_BYTES
        self.restart()

    def restart(self) -> None:
        """Begin to measure anew: what was under way is so no more."""
        self._since, self._arrived = self._clock(), 0

    def arrived(self, size: int) -> None:
        """Note that so many bytes have come through."""
        self._arrived += size
        took = self._clock() - self._since
        if self._arrived < self.bytes and took <= SLOW_S:
            return
        if took < QUICK_S:
            self.bytes = min(2 * self.bytes, MOST_WINDOW_BYTES)
        elif took > SLOW_S:
            self.bytes = max(self.bytes // 2, LEAST_WINDOW_BYTES)
        self.restart()
