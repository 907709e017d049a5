"""Memory that is used again and again, so that reading a file costs no new pages."""

from __future__ import annotations

import weakref
from collections import deque

import numpy as np
from numpy.typing import NDArray

KEPT_BYTES = 64 * 2**20


class Buffers:
    """Lends memory, which comes back by itself when nothing refers to it any more.

    What was used last is lent first, for the processor's cache may still hold it.

    Args:
        kept_bytes: The most that is kept while nobody uses it.
    """

    def __init__(self, kept_bytes: int = KEPT_BYTES) -> None:
        self._kept_bytes = kept_bytes
        self._free: deque[NDArray[np.uint8]] = deque()

    def take(self, size: int) -> memoryview:
        """Return ``size`` bytes of any content, lent for as long as they or parts are held."""
        whole = self._fitting(size)
        lent = whole[:size]
        weakref.finalize(lent, self._give_back, whole).atexit = False
        return lent.data

    def _fitting(self, size: int) -> NDArray[np.uint8]:
        """Return the buffer that was used last; one that is too small is let go."""
        while self._free:
            try:
                whole = self._free.pop()
            except IndexError:
                break
            if len(whole) >= size:
                return whole
        return np.empty(size, np.uint8)

    def _give_back(self, whole: NDArray[np.uint8]) -> None:
        """Keep a buffer for the next time; called by whichever thread let it go."""
        if sum(map(len, tuple(self._free))) + len(whole) <= self._kept_bytes:
            self._free.append(whole)
