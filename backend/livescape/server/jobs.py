"""Jobs and the states they go through."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any

from livescape_shared.errors import LivescapeError
from livescape_shared.messages import Finished, Preview
from livescape_shared.values import boolean, integer, mapping, number, text


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
    State.RUNNING: frozenset({State.QUEUED, State.DONE, State.FAILED, State.CANCELLED}),
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
        cancel_requested: Whether it is to stop.
        stage: Its current stage; an error that does not say where it happened takes it from here.
        fraction: Progress, 0..1 of the whole.
        chunks: Number of chunks of a finished result.
        size: Bytes of a finished result.
        digest: What tells that result from another one of the same job.
        report: The pipeline's report on the run.
        error: Why it failed.
        damaged: Whether a stored chunk could no longer be read.
        client: Name of the client that asked for it first.
        created: Unix time at which it was asked for.
        used: Unix time at which its result was last asked for.
        deaths: How often a worker has died in each stage of it.
        interruptions: How often a server has died in each stage of it.
        waiters: Who waits for it: the key of each client, and the monotonic time until which it
            is waited for, infinite while the client is connected.
        preview: The newest scene that is there before it ends, as if it were a job of its own.
    """

    id: str
    folder: Path
    state: State = State.QUEUED
    cancel_requested: bool = False
    stage: str = "queue"
    fraction: float = 0.0
    chunks: int = 0
    size: int = 0
    digest: str = ""
    report: Mapping[str, Any] = field(default_factory=dict)
    error: LivescapeError | None = None
    damaged: bool = False
    client: str = ""
    created: float = 0.0
    used: float = 0.0
    deaths: Counter[str] = field(default_factory=Counter)
    interruptions: Counter[str] = field(default_factory=Counter)
    waiters: dict[str, float] = field(default_factory=dict)
    preview: Job | None = None

    @property
    def run(self) -> str:
        """Name of this run; two runs of one job have two folders."""
        return self.folder.name

    @property
    def number(self) -> int:
        """Number of this run; later runs have higher ones."""
        return run_number(self.run)

    @property
    def attachable(self) -> bool:
        """Whether the same request, sent again, is served by this run."""
        ended_well = self.state is State.DONE and not self.damaged
        return ended_well or not (self.cancel_requested or self.state.terminal)

    @property
    def awaited(self) -> bool:
        """Whether a client that is connected waits for it or has not read all of it."""
        return math.inf in self.waiters.values()

    def advance(self, state: State) -> None:
        """Go to ``state``; from running back to queued if the computation must begin again.

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
        return Finished(self.id, self.state.value, self.chunks, error, self.report, self.digest)

    def announced(self) -> Preview | None:
        """Return the message that says what is there already."""
        early = self.preview
        if early is None:
            return None
        return Preview(self.id, early.id, early.chunks, early.digest)

    def show(self, number: int, chunks: int, size: int, digest: str) -> None:
        """Note that preview ``number`` is in its folder."""
        name, folder = f"{self.id}.{number}", preview_folder(self.folder, number)
        self.preview = Job(name, folder, State.DONE, chunks=chunks, size=size, digest=digest)

    def record(self) -> dict[str, Any]:
        """Return the plain values that :meth:`restore` rebuilds the job from."""
        return {
            "cancel_requested": self.cancel_requested,
            "stage": self.stage,
            "chunks": self.chunks,
            "size": self.size,
            "digest": self.digest,
            "report": dict(self.report),
            "error": None if self.error is None else self.error.at(self.stage).to_dict(),
            "client": self.client,
            "created": self.created,
            "used": self.used,
            "deaths": dict(self.deaths),
            "interruptions": dict(self.interruptions),
            "waiters": list(self.waiters),
        }

    @classmethod
    def restore(
        cls, folder: Path, state: str, record: Mapping[str, Any], *, waits_until: float
    ) -> Job:
        """Rebuild a job of an earlier server.

        Args:
            folder: Its folder.
            state: Its state.
            record: From :meth:`record`; fields that are missing have their defaults.
            waits_until: Monotonic time until which it is kept for clients that do not come back.

        Raises:
            ValueError: If a value is impossible.
        """
        error = record.get("error")
        return cls(
            job_of_run(folder.name),
            folder,
            State(state),
            cancel_requested=boolean(record.get("cancel_requested", False)),
            stage=text(record.get("stage", "queue")),
            chunks=integer(record.get("chunks", 0), 0),
            size=integer(record.get("size", 0), 0),
            digest=text(record.get("digest", "")),
            report=mapping(record.get("report", {})),
            error=None if error is None else LivescapeError.from_dict(mapping(error)),
            client=text(record.get("client", "")),
            created=number(record.get("created", 0.0)),
            used=number(record.get("used", 0.0)),
            deaths=_counter(record.get("deaths", {})),
            interruptions=_counter(record.get("interruptions", {})),
            waiters=dict.fromkeys(map(text, record.get("waiters", ())), waits_until),
        )


def _counter(values: Any) -> Counter[str]:
    return Counter({name: integer(count) for name, count in mapping(values).items()})


def preview_folder(folder: Path, number: int) -> Path:
    """Return where preview ``number`` of the run in ``folder`` lies."""
    return folder / f"preview-{number}"


def preview_folders(folder: Path) -> list[Path]:
    """Return where previews of the run in ``folder`` lie, those of a worker that died included."""
    return sorted(folder.glob("preview-*"))


def run_name(job_id: str, number: int) -> str:
    """Return the name of a run of a job, which is also that of its folder."""
    return f"{job_id}-{number}"


def job_of_run(run: str) -> str:
    """Return the id of the job of a run."""
    return run.rpartition("-")[0]


def run_number(run: str) -> int:
    """Return the number of a run, -1 if it is not the name of one."""
    job_id, _, digits = run.rpartition("-")
    return int(digits) if job_id and digits.isascii() and digits.isdigit() else -1
