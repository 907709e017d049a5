"""Long work on Blender's main thread, cut into slices between which Blender goes on.

Blender's data may be touched on the main thread alone, so what takes long there freezes the window.
Such work runs as a coroutine: it calls :func:`breathe` wherever it can be interrupted, and goes on
from there the next time it is asked to. Called as plain functions, the same work does not pause.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any, Generic, TypeVar

from greenlet import GreenletExit, getcurrent, greenlet

Result = TypeVar("Result")


class Sliced(Generic[Result]):
    """Work that is done in slices.

    Between two of them everything that the work holds on to must stay as it is: whoever opens a
    file or undoes a step calls :meth:`abandon` first.

    Args:
        work: What to do.
        clock: Monotonic time in seconds.
    """

    def __init__(
        self, work: Callable[[], Result], clock: Callable[[], float] = time.perf_counter
    ) -> None:
        self._work = work
        self._clock = clock
        self._deadline = 0.0
        self._coroutine = _Slice(self)
        self._results: list[Result] = []
        self.slices = 0

    @property
    def result(self) -> Result:
        """What the work has returned, once it is done."""
        return self._results[0]

    def step(self, budget_s: float) -> bool:
        """Go on until the work is done or the time is over; return whether it is done.

        Raises:
            Exception: Whatever the work raises.
        """
        if not self._results:
            self.slices += 1
            self._deadline = self._clock() + budget_s
            self._coroutine.parent = getcurrent()
            self._coroutine.switch()
        return bool(self._results)

    def abandon(self) -> None:
        """End the work where it is, as if it had been interrupted by an exit."""
        if self._coroutine and not self._coroutine.dead:
            self._coroutine.parent = getcurrent()
            self._coroutine.throw(GreenletExit)

    def _run(self) -> None:
        self._results.append(self._work())

    def _pause_if_due(self, coroutine: Any) -> None:
        if self._clock() >= self._deadline:
            coroutine.parent.switch()


class _Slice(greenlet):  # type: ignore[misc, unused-ignore]
    def __init__(self, owner: Sliced[Any]) -> None:
        super().__init__(owner._run)
        self.owner = owner


def breathe() -> None:
    """Let Blender go on if this work is being sliced and its time is over."""
    current = getcurrent()
    if isinstance(current, _Slice):
        current.owner._pause_if_due(current)
