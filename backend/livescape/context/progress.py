"""One run of the pipeline: progress, cancelling, seconds and memory per stage."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import torch

from livescape.context.device import compute_device
from livescape_shared.errors import Cancelled, LivescapeError

Report = Callable[[str, int, int, float], None]
"""Called with stage, step, total and the fraction of the whole run that is done."""

STAGES: dict[str, float] = {
    "photo": 0.01,
    "layout": 0.06,
    "depth": 0.04,
    "layers": 0.08,
    "gaussians": 0.08,
    "views": 0.04,
    "optimise": 0.40,
    "motion": 0.04,
    "refine": 0.06,
    "deform": 0.15,
    "evaluate": 0.04,
}
"""Stages in order with their usual share of the time."""


class Run:
    """Carries the callbacks through the stages, keeps the time and watches the GPU's memory.

    Attributes:
        seconds: Of every stage so far.
        peak_device_memory_mb: Most memory in MiB that torch held on the GPU in every stage; empty
            where the CPU computes.
    """

    def __init__(self, report: Report, cancelled: Callable[[], bool]) -> None:
        """Start the clock.

        Args:
            report: Receives progress.
            cancelled: Whether the user wants to stop; asked between steps.
        """
        self._report = report
        self._cancelled = cancelled
        self._stage = ""
        self.seconds: dict[str, float] = {}
        self.peak_device_memory_mb: dict[str, float] = {}

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        """Time a stage; errors inside it are marked with its name."""
        self._stage = name
        self.step(0, 1)
        on_gpu = compute_device() == "cuda"
        if on_gpu:
            torch.cuda.reset_peak_memory_stats()
        started = time.perf_counter()
        try:
            yield
        except LivescapeError as error:
            error.stage = error.stage or name
            raise
        finally:
            self.seconds[name] = round(time.perf_counter() - started, 3)
            if on_gpu:
                peak = torch.cuda.max_memory_allocated() / 2**20
                self.peak_device_memory_mb[name] = round(peak, 1)

    def step(self, step: int, total: int) -> None:
        """Report ``step`` of ``total`` of the current stage.

        Raises:
            Cancelled: If the user has cancelled.
        """
        if self._cancelled():
            raise Cancelled
        names = list(STAGES)
        before = sum(STAGES[name] for name in names[: names.index(self._stage)])
        fraction = before + STAGES[self._stage] * step / max(total, 1)
        self._report(self._stage, step, total, min(fraction, 1.0))

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
