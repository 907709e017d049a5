"""How long a run still takes, told by how long runs of its kind have taken on the same server."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping

OURS = ("", "starting", "starting the server", "waiting", "loading", "building the object")
"""Stages that are no part of the computation, and last as long as they do."""

SURE_S = 5.0
"""Known seconds that must have passed before a run is held to be slower or faster than others."""

FASTEST, SLOWEST = 0.25, 4.0
"""Bounds of how much faster and slower one run is held to be than the others."""

TELLING_FRACTION, TELLING_S = 0.15, 10.0
"""Part of the bar, and time, from which on the bar alone tells how long the rest takes."""

MINUTE, HOUR = 60.0, 3600.0


class Stopwatch:
    """Notes how long each stage takes.

    Args:
        clock: Monotonic time in seconds.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._began = self._entered = clock()
        self._computing: float | None = None
        self.stage = ""
        self.fraction = 0.0
        self._seconds: dict[str, float] = {}

    def see(self, stage: str, fraction: float) -> None:
        """Note where the run is now."""
        now = self._clock()
        if stage != self.stage:
            self._close(now)
            self.stage, self._entered = stage, now
        self.fraction = fraction
        if self._computing is None and fraction > 0.0:
            self._computing = now

    @property
    def elapsed(self) -> float:
        """Seconds since it began."""
        return self._clock() - self._began

    def seconds(self) -> dict[str, float]:
        """Return the seconds of every stage of the computation so far, in order."""
        self._close(self._clock())
        return dict(self._seconds)

    def left(self, known: Mapping[str, float]) -> float | None:
        """Return the seconds that are left, None if nothing tells.

        Args:
            known: Seconds of the stages of such runs, in order; empty if there were none.
        """
        passed = self.seconds()
        if known:
            ahead = {name: value for name, value in known.items() if name not in passed}
            rest = max(known.get(self.stage, 0.0) - passed.get(self.stage, 0.0), 0.0)
            return (sum(ahead.values()) + rest) * _pace(passed, known, self.stage)
        computing = 0.0 if self._computing is None else self._clock() - self._computing
        if self.fraction < TELLING_FRACTION or computing < TELLING_S:
            return None
        return computing * (1.0 - self.fraction) / self.fraction

    def _close(self, now: float) -> None:
        if self.stage not in OURS:
            self._seconds[self.stage] = self._seconds.get(self.stage, 0.0) + now - self._entered
        self._entered = now


def _pace(passed: Mapping[str, float], known: Mapping[str, float], current: str) -> float:
    """Return by how much this run is slower than those that are known."""
    both = [name for name in passed if name in known and name != current]
    expected = sum(known[name] for name in both)
    if expected < SURE_S:
        return 1.0
    return min(max(sum(passed[name] for name in both) / expected, FASTEST), SLOWEST)


def in_words(left: float | None) -> str:
    """Return seconds that are left as an artist would say it; empty if they are not known."""
    if left is None:
        return ""
    if left < 10.0:
        return "a few seconds left"
    if left < 55.0:
        return f"about {round(left / 10.0) * 10} s left"
    if left < HOUR - MINUTE / 2:
        return f"about {max(round(left / MINUTE), 1)} min left"
    minutes = round(left / (5 * MINUTE)) * 5
    return f"about {minutes // 60} h {minutes % 60} min left"


def clock_time(seconds: float) -> str:
    """Return a span of time as a clock shows it, such as 1:05."""
    whole = int(seconds)
    hours, minutes = divmod(whole // 60, 60)
    return f"{hours}:{minutes:02}:{whole % 60:02}" if hours else f"{minutes}:{whole % 60:02}"
