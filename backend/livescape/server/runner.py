"""Runs one job at a time in a worker process and makes sure that every job ends once."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from livescape.server.jobs import Job, State
from livescape.server.limits import Limits
from livescape.server.worker_process import WorkerProcess
from livescape_shared.errors import LivescapeError
from livescape_shared.messages import Progress

LOGGER = logging.getLogger(__name__)

PROGRESS_FIELDS = ("stage", "step", "total", "fraction")


class Runner:
    """The worker, the job it computes, and the time by which it must have moved.

    Args:
        start_worker: Starts a worker process.
        cache_dir: The pipeline's cache.
        limits: Bounds.
    """

    def __init__(
        self, start_worker: Callable[[], WorkerProcess], cache_dir: Path, limits: Limits
    ) -> None:
        self._start_worker = start_worker
        self._cache_dir = cache_dir
        self._limits = limits
        self._worker: WorkerProcess | None = None
        self._deadline = 0.0
        self._broken: LivescapeError | None = None
        self.job: Job | None = None
        self.device = ""

    def warm_up(self) -> WorkerProcess:
        """Return the worker, started if there is none, so that no job waits for imports."""
        if self._worker is not None and self._worker.exit_code is not None:
            self.stop()
        if self._worker is None:
            self._worker, self._broken = self._start_worker(), None
        return self._worker

    def start(self, job: Job) -> None:
        """Let the worker compute ``job``."""
        worker = self.warm_up()
        job.advance(State.RUNNING)
        self.job = job
        self._deadline = time.monotonic() + self._limits.stall_s
        worker.tell(
            do="run",
            run=job.run,
            job=job.id,
            folder=str(job.folder),
            cache_dir=str(self._cache_dir),
            progress_interval_s=self._limits.progress_interval_s,
            free_bytes=self._limits.free_disk_bytes,
        )

    def cancel(self) -> None:
        """Ask the running job to stop at its next step, and give it the grace to do so."""
        if self.job is None or self.job.cancel_requested:
            return
        self.job.cancel_requested = True
        self._deadline = time.monotonic() + self._limits.cancel_grace_s
        if self._worker is not None:
            self._worker.tell(do="cancel", run=self.job.run)

    def poll(self) -> tuple[list[Progress], Job | None]:
        """Return the progress since the last call, and the job if it has ended."""
        progress: list[Progress] = []
        for event in self._worker.events() if self._worker is not None else ():
            if event["event"] == "progress" and self.job is not None and self._is_ours(event):
                progress.append(Progress(self.job.id, *(event[n] for n in PROGRESS_FIELDS)))
                self._postpone()
            else:
                self._on_event(event)
        self._check_deadline()
        job = self.job
        if job is None or not job.state.terminal:
            return progress, None
        self.job = None
        return progress, job

    def stop(self) -> None:
        """End the worker."""
        if self._worker is not None:
            self._worker.kill()
            self._worker = None

    def _is_ours(self, event: dict[str, Any]) -> bool:
        return self.job is not None and event.get("run") == self.job.run

    def _postpone(self) -> None:
        if self.job is not None and not self.job.cancel_requested:
            self._deadline = time.monotonic() + self._limits.stall_s

    def _on_event(self, event: dict[str, Any]) -> None:
        kind = event["event"]
        if kind == "ready":
            self.device = event["device"]
        elif kind == "gone":
            self._on_gone()
        elif kind == "broken":
            self._broken = LivescapeError.from_dict(event["error"])  # it will be gone at once
        elif not self._is_ours(event):
            LOGGER.warning("the worker speaks of %s, which does not run", event.get("run"))
        elif kind == "failed":
            self._fail(LivescapeError.from_dict(event["error"]))
        elif self.job is not None and not self.job.state.terminal:
            if kind == "done":
                self.job.chunks, self.job.report = event["chunks"], event["report"]
            self.job.advance(State.DONE if kind == "done" else State.CANCELLED)

    def _fail(self, error: LivescapeError) -> None:
        """End the running job, if it has not ended: as failed, unless the user wanted its end."""
        job = self.job
        if job is None or job.state.terminal:
            return
        if job.cancel_requested:
            job.advance(State.CANCELLED)
        else:
            job.error = error
            job.advance(State.FAILED)

    def _on_gone(self) -> None:
        """Account for a worker that ended by itself; the next job gets a new one."""
        exit_code = self._worker.wait() if self._worker is not None else None
        self.stop()
        LOGGER.error("the worker ended with exit code %s", exit_code)
        died = LivescapeError(
            "worker_died",
            f"The computing process ended unexpectedly (exit code {exit_code}).",
            hint="Try again; if memory is short, choose a smaller preset.",
            retryable=True,
        )
        self._fail(self._broken or died)
        self._broken = None

    def _check_deadline(self) -> None:
        """Kill a worker that does not stop, or that has not moved for too long."""
        job = self.job
        if job is None or job.state.terminal or time.monotonic() < self._deadline:
            return
        LOGGER.error("killing the worker: job %s does not react", job.id)
        self.stop()
        self._fail(
            LivescapeError(
                "worker_hung",
                f"The generation has not moved for {self._limits.stall_s:.0f} seconds.",
                hint="Try again; please report it with the server's log if it happens again.",
                retryable=True,
            )
        )
