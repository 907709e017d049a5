"""A log that cannot be flooded."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable

WORKER_LOG = "livescape.worker"
"""Name under which the server logs what its worker says, every line of it."""

BURST = 200
WINDOW_S = 10.0


class Sparing(logging.Filter):
    """Lets through so many records of a kind in a stretch of time; the next says how many it cost.

    Records are of one kind if they come from one line of code; so no peer can make more kinds.

    Args:
        burst: Records of a kind in one stretch.
        window_s: Length of a stretch in seconds.
        clock: Monotonic time in seconds.
    """

    def __init__(
        self,
        burst: int = BURST,
        window_s: float = WINDOW_S,
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        super().__init__()
        self._burst = burst
        self._window_s = window_s
        self._clock = clock
        self._seen: dict[tuple[str, int], tuple[float, int]] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        """Return whether ``record`` is written."""
        if record.name == WORKER_LOG:  # tracebacks, which no peer writes
            return True
        kind, now = (record.pathname, record.lineno), self._clock()
        since, count = self._seen.get(kind, (now, 0))
        if now - since >= self._window_s:
            left_out = count - self._burst
            if left_out > 0:
                record.msg = f"{record.msg} ({left_out} more like this were left out before)"
            since, count = now, 0
        self._seen[kind] = since, count + 1
        return count < self._burst
