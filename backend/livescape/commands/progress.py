"""How ``livescape run`` says how far it is: to people, or to the programs that start it."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Mapping
from typing import Any, Protocol

from livescape_shared.errors import LivescapeError

INTERVAL_S = 0.1
"""Shortest time between two lines about one stage."""


class Teller(Protocol):
    """Takes what there is to say about a run."""

    def progress(self, stage: str, step: int, total: int, fraction: float) -> None:
        """Say how far it is: ``step`` of ``total`` in ``stage``, ``fraction`` 0..1 of all."""

    def done(self, facts: Mapping[str, Any]) -> None:
        """Say that it is done, and what has come of it."""

    def failed(self, error: LivescapeError) -> None:
        """Say why it is not."""


class TextTeller:
    """For people: each new stage on a line of standard error."""

    def __init__(self) -> None:
        self._stage = ""

    def progress(self, stage: str, step: int, total: int, fraction: float) -> None:
        """Write a line if the stage is new."""
        if stage != self._stage:
            self._stage = stage
            sys.stderr.write(f"{fraction:4.0%} {stage}\n")
            sys.stderr.flush()

    def done(self, facts: Mapping[str, Any]) -> None:
        """Write how many Gaussians there are, and what there is to remark."""
        count = f"{facts['gaussians']} Gaussians, {facts['moving']} of them moving"
        for sentence in (count, *facts["remarks"]):
            sys.stderr.write(f"{sentence}\n")

    def failed(self, error: LivescapeError) -> None:
        """Leave it to the command line, which writes the error."""


class LineTeller:
    """Base of those that write lines for programs on standard output, and not too many.

    Args:
        clock: Monotonic time in seconds.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._stage = ""
        self._next_time = 0.0

    def due(self, stage: str) -> bool:
        """Return whether a line about ``stage`` is to be written now."""
        now = self._clock()
        if stage == self._stage and now < self._next_time:
            return False
        self._stage, self._next_time = stage, now + INTERVAL_S
        return True

    def write(self, line: str) -> None:
        """Write one line, at once."""
        sys.stdout.write(f"{line}\n")
        sys.stdout.flush()


class JsonTeller(LineTeller):
    """One JSON object a line, each with an ``event``: ``progress``, ``done`` or ``failed``."""

    def progress(self, stage: str, step: int, total: int, fraction: float) -> None:
        """Write ``stage``, ``step``, ``total`` and ``fraction``."""
        if self.due(stage):
            self._say("progress", stage=stage, step=step, total=total, fraction=fraction)

    def done(self, facts: Mapping[str, Any]) -> None:
        """Write the facts."""
        self._say("done", **facts)

    def failed(self, error: LivescapeError) -> None:
        """Write the error."""
        self._say("failed", error=error.to_dict())

    def _say(self, event: str, **values: Any) -> None:
        self.write(json.dumps({"event": event, **values}))


class OpenJobTeller(LineTeller):
    """The lines that Open Job Description's sessions read, as farms do."""

    def progress(self, stage: str, step: int, total: int, fraction: float) -> None:
        """Write the percentage, and the stage as the status."""
        new = stage != self._stage
        if self.due(stage):
            if new:
                self.write(f"openjd_status: {stage}")
            self.write(f"openjd_progress: {100.0 * fraction:.1f}")

    def done(self, facts: Mapping[str, Any]) -> None:
        """Write that all is done."""
        self.write("openjd_progress: 100.0")

    def failed(self, error: LivescapeError) -> None:
        """Write the error in one line."""
        self.write(f"openjd_fail: {error.code}: {' '.join(str(error).split())}")


TELLERS: dict[str, Callable[[], Teller]] = {
    "text": TextTeller,
    "json": JsonTeller,
    "openjd": OpenJobTeller,
}
"""By the name that ``--progress`` takes."""
