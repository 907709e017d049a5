"""Jobs and the states they go through."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any

from livescape_shared.errors import LivescapeError
from livescape_shared.messages import Finished


class State(StrEnum):
    """The state of a job; the last three are terminal."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"

    @property
    def terminal(self) -> bool:
        """Whether the state is final."""
        return not _NEXT[self]


_NEXT: dict[State, frozenset[State]] = {
    State.QUEUED: frozenset({State.RUNNING, State.FAILED, State.CANCELLED}),
    State.RUNNING: frozenset({State.DONE, State.FAILED, State.CANCELLED}),
    State.DONE: frozenset(),
    State.FAILED: frozenset(),
    State.CANCELLED: frozenset(),
}


@dataclass(eq=False)
class Job:
    """One run of one request; a request that failed and is sent again is another run.

    Attributes:
        id: Content hash of the request.
        folder: Folder of its request and result.
        state: Where it is.
        cancel_requested: Whether a client wants it to stop.
        chunks: Number of chunks of a finished result.
        report: The pipeline's report on the run.
        stage: Its current stage; an error that does not say where it happened takes it from here.
        error: Why it failed.
        damaged: Whether a stored chunk could no longer be read.
    """

    id: str
    folder: Path
    state: State = State.QUEUED
    cancel_requested: bool = False
    stage: str = "queue"
    chunks: int = 0
    report: Mapping[str, Any] = field(default_factory=dict)
    error: LivescapeError | None = None
    damaged: bool = False

    @property
    def run(self) -> str:
        """Name of this run; two runs of one job have two folders."""
        return self.folder.name

    @property
    def attachable(self) -> bool:
        """Whether the same request, sent again, is served by this run."""
        ended_well = self.state is State.DONE and not self.damaged
        return ended_well or not (self.cancel_requested or self.state.terminal)

    def advance(self, state: State) -> None:
        """Go to ``state``.

        Raises:
            ValueError: If that is not a next state; a job ends once.
        """
        if state not in _NEXT[self.state]:
            message = f"job {self.id} cannot go from {self.state} to {state}"
            raise ValueError(message)
        self.state = state

    def finished(self) -> Finished:
        """Return the message that says how the job ended."""
        error = {} if self.error is None else self.error.at(self.stage).to_dict()
        return Finished(self.id, self.state.value, self.chunks, error, self.report)
