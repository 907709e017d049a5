"""Runs one job at a time in a worker and makes sure that every job ends once."""

from __future__ import annotations

import logging
import time
from collections import Counter
from collections.abc import Callable
from enum import Enum, auto
from pathlib import Path
from typing import Any, Protocol

from livescape.server import failures
from livescape.server.bounds import Limits
from livescape.server.jobs import Job, State
from livescape_shared.errors import LivescapeError
from livescape_shared.messages import Preview, Progress

LOGGER = logging.getLogger(__name__)

PROGRESS_FIELDS = ("stage", "step", "total", "fraction")
LIVES = 2
"""Workers that may die in one stage of a job; after that the job is considered the cause.

The same number may die while they load, and as many just after one was handed to them: neither
says anything about the other, for the first has not seen the job and the second may have been
dying already.
"""


class Worker(Protocol):
    """What computes jobs, one at a time: a process here, or a task somewhere else."""

    def tell(self, **command: Any) -> None:
        """Send a command."""

    def events(self) -> list[dict[str, Any]]:
        """Return what it has reported since the last call; ``gone`` comes last."""

    def wait(self) -> int | None:
        """Return the exit code of a worker that is gone; None if there is none."""

    def kill(self) -> None:
        """End it."""


class Phase(Enum):
    """What the worker is doing.

    A job is handed over only in ``IDLE``, which a worker enters only by reporting that it is ready:
    one that has crashed never does so again, whatever it may still report.
    """

    ABSENT = auto()
    LOADING = auto()
    IDLE = auto()
    HANDED = auto()
    """It has been given a job and has not reported that it has begun."""
    BUSY = auto()
    LEAVING = auto()
    """Its job has ended; it will be ready again, or die."""


class Runner:
    """The worker, the job it computes, and the time by which it must have made progress.

    Args:
        start_worker: Starts a worker.
        cache_dir: The pipeline's cache; None to leave it to the worker.
        limits: Bounds.
        clock: Monotonic time in seconds.
    """

    def __init__(
        self,
        start_worker: Callable[[], Worker],
        cache_dir: Path | None,
        limits: Limits,
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._start_worker = start_worker
        self._cache_dir = cache_dir
        self._limits = limits
        self._clock = clock
        self._worker: Worker | None = None
        self._phase = Phase.ABSENT
        self._deadline = 0.0
        self._broken: LivescapeError | None = None
        self._deaths: Counter[Phase] = Counter()
        self.job: Job | None = None
        self.device = ""
        self.device_memory: dict[str, int] = {}
        self.versions: dict[str, str] = {}

    @property
    def ready(self) -> bool:
        """Whether a job would be handed over at once."""
        return self._phase is Phase.IDLE

    def warm_up(self) -> None:
        """Start a worker if there is none, so that jobs need not wait for imports."""
        if self._worker is not None:
            return
        try:
            self._worker = self._start_worker()
        except OSError as error:
            LOGGER.error("no worker can be started: %s", error)
            self._fail(failures.start_failure(error))
        else:
            self._enter(Phase.LOADING, self._limits.stall_s)

    def start(self, job: Job) -> None:
        """Accept ``job``; a worker computes it as soon as one is ready."""
        self.job = job
        self._deaths.clear()
        self._move_on()

    def cancel(self) -> None:
        """Ask the job to stop at its next step, and allow it the time to do so."""
        job = self.job
        if job is None or job.cancel_requested or job.state.terminal:
            return
        job.cancel_requested = True
        if self._worker is None or self._phase not in (Phase.HANDED, Phase.BUSY):
            job.advance(State.CANCELLED)
            return
        self._deadline = self._clock() + self._limits.cancel_grace_s
        self._worker.tell(do="cancel", run=job.run)

    def poll(self) -> tuple[list[Progress | Preview], Job | None]:
        """Return what has come since the last call, and the job if it has ended."""
        progress: list[Progress | Preview] = []
        for event in self._worker.events() if self._worker is not None else ():
            try:
                if event["event"] == "progress" and self._is_ours(event):
                    progress.append(self._on_progress(event))
                elif event["event"] == "preview" and self._is_ours(event):
                    progress.extend(self._on_preview(event))
                else:
                    self._on_event(event)
            except (AttributeError, KeyError, TypeError, ValueError):
                LOGGER.exception("the worker sent something unreadable: %.200r", event)
                if self._worker is not None:
                    self._worker.kill()
                    self._on_gone()
        self._check_deadline()
        self._move_on()
        job = self.job
        if job is None or not job.state.terminal:
            return progress, None
        self.job = None
        return progress, job

    def stop(self) -> None:
        """End the worker."""
        if self._worker is not None:
            self._worker.kill()
        self._worker, self._phase, self._broken = None, Phase.ABSENT, None

    def _move_on(self) -> None:
        """Give the waiting job to a worker."""
        job = self.job
        if job is None or job.state is not State.QUEUED:
            return
        self.warm_up()
        if self._phase is Phase.LOADING:
            job.stage = "load"
        elif self._phase is Phase.IDLE and self._worker is not None:
            self._enter(Phase.HANDED, self._limits.stall_s)
            self._worker.tell(
                do="run",
                run=job.run,
                job=job.id,
                folder=str(job.folder),
                cache_dir=str(self._cache_dir or ""),
                progress_interval_s=self._limits.progress_interval_s,
                free_bytes=self._limits.free_disk_bytes,
            )

    def _enter(self, phase: Phase, patience_s: float) -> None:
        self._phase, self._deadline = phase, self._clock() + patience_s

    def _is_ours(self, event: dict[str, Any]) -> bool:
        job = self.job
        return job is not None and not job.state.terminal and event.get("run") == job.run

    def _begin(self, job: Job) -> None:
        if job.state is State.QUEUED:
            job.advance(State.RUNNING)
            job.stage = "request"
            self._phase = Phase.BUSY

    def _on_progress(self, event: dict[str, Any]) -> Progress:
        assert self.job is not None
        self._begin(self.job)
        progress = Progress(self.job.id, *(event[name] for name in PROGRESS_FIELDS))
        self.job.stage = "result" if progress.stage == "done" else progress.stage
        self.job.fraction = progress.fraction
        if not self.job.cancel_requested:
            self._enter(Phase.BUSY, self._limits.stall_s)
        return progress

    def _on_preview(self, event: dict[str, Any]) -> list[Preview]:
        assert self.job is not None
        self.job.show(event["number"], event["chunks"], event["size"], event["digest"])
        announced = self.job.announced()
        return [announced] if announced is not None and not self.job.cancel_requested else []

    def _on_event(self, event: dict[str, Any]) -> None:
        kind = event["event"]
        if kind == "ready":
            self.device = event["device"]
            self.device_memory = event.get("device_memory", {})
            self.versions = event.get("versions", {})
            self._enter(Phase.IDLE, 0.0)
        elif kind == "broken":
            self._broken = LivescapeError.from_dict(event["error"])  # it will be gone at once
        elif kind == "gone":
            self._on_gone()
        elif kind == "waiting":
            self._on_waiting()
        elif self.job is None or not self._is_ours(event):
            LOGGER.warning("the worker reports on run %s, which is not running", event.get("run"))
        elif kind == "begun":
            self._begin(self.job)
        else:
            self._begin(self.job)
            self._on_end(self.job, kind, event)

    def _on_waiting(self) -> None:
        """Have patience with a cluster that has no room yet for the job it was handed."""
        if self._phase is Phase.HANDED and self.job is not None and not self.job.cancel_requested:
            self._enter(Phase.HANDED, self._limits.stall_s)

    def _on_end(self, job: Job, kind: str, event: dict[str, Any]) -> None:
        if kind == "failed":
            self._fail(LivescapeError.from_dict(event["error"]))
        elif kind == "done":
            job.chunks, job.report = event["chunks"], event["report"]
            job.size, job.digest = event["size"], event["digest"]
            job.advance(State.DONE)
        else:
            job.advance(State.CANCELLED)
        self._enter(Phase.LEAVING, self._limits.cancel_grace_s)

    def _fail(self, error: LivescapeError) -> None:
        """End the job, if it has not ended: as failed, unless the user cancelled it."""
        job = self.job
        if job is None or job.state.terminal:
            return
        if job.cancel_requested:
            job.advance(State.CANCELLED)
        else:
            job.error = error
            job.advance(State.FAILED)

    def _on_gone(self) -> None:
        """Handle a worker that ended by itself.

        Its job waits for another worker, which resumes it after its last finished stage, unless the
        job may be the cause of the worker's end.
        """
        exit_code = self._worker.wait() if self._worker is not None else None
        phase, broken = self._phase, self._broken
        self.stop()
        LOGGER.error("the worker ended with %s", failures.exit_text(exit_code))
        if phase is Phase.BUSY:
            self._take_back(exit_code)
        elif phase in (Phase.LOADING, Phase.HANDED):
            self._deaths[phase] += 1
            if broken is not None:
                self._fail(broken)
            elif self._deaths[phase] >= LIVES or (
                self.job is not None and self.job.cancel_requested
            ):
                loading = phase is Phase.LOADING
                self._fail((failures.load_death if loading else failures.job_death)(exit_code))

    def _take_back(self, exit_code: int | None) -> None:
        """Let the job that a dead worker had begun be done by another, if that may help."""
        job = self.job
        if job is None or job.state is not State.RUNNING:
            return
        job.deaths[job.stage] += 1
        if job.cancel_requested or job.deaths[job.stage] >= LIVES:
            self._fail(failures.job_death(exit_code))
        else:
            LOGGER.warning("job %s is given to another worker", job.id)
            job.advance(State.QUEUED)

    def _check_deadline(self) -> None:
        """Kill a worker that does not stop, or that has made no progress for too long."""
        if self._phase in (Phase.ABSENT, Phase.IDLE) or self._clock() < self._deadline:
            return
        LOGGER.error("killing the worker, which does not respond (%s)", self._phase.name.lower())
        harmless = self._phase is Phase.LEAVING  # a job that waits for it gets another
        self.stop()
        if not harmless:
            self._fail(failures.job_hung(self._limits.stall_s))
