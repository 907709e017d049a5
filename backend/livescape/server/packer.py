"""Chunks packed or cut for slow connections, in a thread of its own: the loop never waits.

Each client has one place: the chunk that is being packed for it, or that is packed and waits to be
sent. Whatever a client asks for, and however slowly it reads, no more than that is held for it.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Executor, Future
from dataclasses import dataclass
from pathlib import Path

from livescape.server.results import read_chunk
from livescape_shared.parts import Whole


@dataclass(frozen=True)
class Wanted:
    """What makes a packed chunk what it is: the arguments of :func:`read_chunk`.

    What is sent ``in_parts`` answers no message: it is the same for whoever asks for the rest.
    """

    folder: Path
    seq: int
    total: int
    parent: str
    encoding: str
    in_parts: bool = False


class PackingPlace:
    """What is packed for one client.

    Args:
        executor: One thread for all clients, or whatever runs one call after another.
        wake: Called, from that thread, when a chunk is packed.
    """

    def __init__(self, executor: Executor, wake: Callable[[], None] = lambda: None) -> None:
        self._executor = executor
        self._wake = wake
        self._wanted: Wanted | None = None
        self._made: Future[Whole] | None = None

    @property
    def busy(self) -> bool:
        """Whether a chunk is being packed."""
        return self._made is not None and not self._made.done()

    def take(self, wanted: Wanted) -> Whole | None:
        """Return a chunk, which stays here until :meth:`clear`; None if it is not packed yet.

        Raises:
            LivescapeError: ``result_corrupt``; the place is empty then.
        """
        if self._made is None:
            self._wanted = wanted
            self._made = self._executor.submit(_packed, wanted)
            self._made.add_done_callback(lambda _: self._wake())
        if self._wanted != wanted or not self._made.done():
            return None
        try:
            return self._made.result()
        except BaseException:
            self.clear()
            raise

    def keep(self, wanted: Callable[[Wanted], bool]) -> None:
        """Empty the place if nobody wants any more what is in it."""
        if self._wanted is not None and not wanted(self._wanted):
            self.clear()

    def clear(self) -> None:
        """Empty the place; what is being packed is thrown away when it is done."""
        if self._made is not None:
            self._made.cancel()
        self._wanted = self._made = None


def _packed(wanted: Wanted) -> Whole:
    """Return a chunk that holds no file: who waits to change one must not wait for a client."""
    frames = read_chunk(wanted.folder, wanted.seq, wanted.total, wanted.parent, wanted.encoding)
    whole = Whole([bytes(frame) for frame in frames])
    if wanted.in_parts:
        _ = whole.check  # which takes its time
    return whole
