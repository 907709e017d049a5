"""Progress of one run: what is reported, how cancelling is heard, seconds and memory per stage."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

import torch

from livescape_shared.errors import Cancelled, happening_in

T = TypeVar("T")

Report = Callable[[str, int, int, float], None]
"""Called with stage, step, total and the fraction of the whole run that is done."""

SHARES: dict[str, dict[str, float]] = {
    "cpu": {
        "photo": 0.02,
        "layout": 0.044,
        "depth": 0.002,
        "layers": 0.147,
        "motion": 0.008,
        "refine": 0.007,
        "gaussians": 0.037,
        "views": 0.011,
        "optimise": 0.65,
        "animate": 0.001,
        "deform": 0.023,
        "evaluate": 0.05,
    },
    "cuda": {
        "photo": 0.007,
        "layout": 0.027,
        "depth": 0.001,
        "layers": 0.356,
        "motion": 0.019,
        "refine": 0.039,
        "gaussians": 0.137,
        "views": 0.073,
        "optimise": 0.281,
        "animate": 0.006,
        "deform": 0.035,
        "evaluate": 0.019,
    },
}
"""Stages in order with their share of the time, by device: of ``draft`` on two cores, the mean of
thirteen photographs; of ``final`` on an H100 as ``make bench NAME=pipeline`` measured it (but for
the deformation, an estimate: its animation was still trained then).
"""

HEARD_S = 0.2
"""How often a call that cannot be asked from inside is watched for the user's cancel."""


class Progress:
    """Reports steps, hears the user cancel, keeps the time and watches the GPU's memory.

    Attributes:
        seconds: Of every stage so far.
        peak_device_memory_mb: Most memory in MiB that torch held on the GPU in every stage; empty
            where the CPU computes.
    """

    def __init__(self, report: Report, cancelled: Callable[[], bool], device: str = "cpu") -> None:
        """Start with nothing done.

        Args:
            report: Receives progress.
            cancelled: Whether the user wants to stop.
            device: ``cpu`` or ``cuda``.
        """
        self._report = report
        self._cancelled = cancelled
        self._on_gpu = device == "cuda"
        self._shares = SHARES["cuda" if self._on_gpu else "cpu"]
        self._stage = next(iter(self._shares))
        self._part = (0.0, 1.0)
        self._last = (0, 1)
        self._fraction = 0.0
        self.seconds: dict[str, float] = {}
        self.peak_device_memory_mb: dict[str, float] = {}

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Time a stage; errors inside it are marked with its name."""
        self._stage, self._part = name, (0.0, 1.0)
        self.step(0, 1)
        if self._on_gpu:
            torch.cuda.reset_peak_memory_stats()
        started = time.perf_counter()
        try:
            with happening_in(name):
                yield
        finally:
            self.seconds[name] = round(time.perf_counter() - started, 3)
            if self._on_gpu:
                peak = torch.cuda.max_memory_allocated() / 2**20
                self.peak_device_memory_mb[name] = round(peak, 1)

    @contextmanager
    def part(self, first: float, last: float) -> Iterator[None]:
        """Let the steps inside fill the shares ``first`` to ``last`` of what they would fill."""
        begin, end = self._part
        self._part = begin + first * (end - begin), begin + last * (end - begin)
        try:
            yield
        finally:
            self._part = begin, end

    def step(self, step: int, total: int) -> None:
        """Report ``step`` of ``total`` of the current stage, or of its current part.

        Raises:
            Cancelled: If the user has cancelled.
        """
        if self._cancelled():
            raise Cancelled
        self._last = step, total
        names = list(self._shares)
        before = sum(self._shares[name] for name in names[: names.index(self._stage)])
        begin, end = self._part
        done = begin + (end - begin) * min(step / max(total, 1), 1.0)
        fraction = min(before + self._shares[self._stage] * done, 1.0)
        self._fraction = max(self._fraction, fraction)  # a bar that runs back frightens
        self._report(self._stage, step, total, self._fraction)

    def aside(self, name: str, step: int, total: int) -> None:
        """Report ``step`` of ``total`` of something that is no part of the way: the bar stays.

        Raises:
            Cancelled: If the user has cancelled.
        """
        if self._cancelled():
            raise Cancelled
        self._report(name, step, total, self._fraction)

    def beat(self) -> None:
        """Report the last step again: the work goes on, though nobody can say how far it is.

        Raises:
            Cancelled: If the user has cancelled.
        """
        self.step(*self._last)

    def waiting(self, work: Callable[[], T]) -> T:
        """Return ``work()``, a call that takes long and cannot be asked from inside.

        It runs in a thread of its own while this one goes on reporting. If the user cancels, the
        thread is left behind, because nothing can stop it: ``Cancelled.unfinished`` says so, and
        a process that computes for others should then make way for a new one.

        Raises:
            Cancelled: If the user has cancelled.
        """
        outcome: list[T] = []
        failure: list[BaseException] = []

        def run() -> None:
            try:
                outcome.append(work())
            except BaseException as error:
                failure.append(error)

        thread = threading.Thread(target=run, daemon=True, name="livescape-waiting")
        thread.start()
        thread.join(HEARD_S)
        while thread.is_alive():
            try:
                self.beat()
            except Cancelled as heard:
                heard.unfinished = True
                raise
            thread.join(HEARD_S)
        if failure:
            raise failure[0]
        return outcome[0]

    def finish(self) -> None:
        """Report that everything is done.

        Raises:
            Cancelled: If the user has cancelled during the last step.
        """
        if self._cancelled():
            raise Cancelled
        self._report("done", 1, 1, 1.0)


def peak_memory_mb() -> float:
    """Return the most memory this process has held, in MiB; 0 where it cannot be told."""
    try:
        import resource
    except ImportError:  # Windows
        return 0.0
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return round(peak / (2**20 if sys.platform == "darwin" else 2**10), 1)
