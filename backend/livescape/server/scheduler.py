"""The queue of jobs and their results: ``submit``, ``cancel``, ``events``."""

from __future__ import annotations

import itertools
import logging
import shutil
from collections import deque
from collections.abc import Collection
from pathlib import Path

from livescape.server.bounds import Limits
from livescape.server.jobs import Job, State
from livescape.server.results import write_request
from livescape.server.runner import Runner
from livescape_shared.errors import LivescapeError
from livescape_shared.messages import Finished, Progress, Submit

LOGGER = logging.getLogger(__name__)


class Scheduler:
    """Knows every job of this server and runs them one after another.

    Args:
        results: Folder for the jobs' folders, empty: no job outlives the server.
        runner: Computes one job.
        limits: Bounds.
    """

    def __init__(self, results: Path, runner: Runner, limits: Limits) -> None:
        self._results = results
        self._runner = runner
        self._limits = limits
        self._jobs: dict[str, Job] = {}
        self._queue: deque[Job] = deque()
        self._cancelled: deque[Job] = deque()
        self._run_numbers = itertools.count()

    @property
    def active(self) -> bool:
        """Whether a job waits or runs, or has ended and this has not been reported yet."""
        return self._runner.job is not None or bool(self._queue) or bool(self._cancelled)

    @property
    def device(self) -> str:
        """What computes; empty until the worker has reported it."""
        return self._runner.device

    def job(self, job_id: str) -> Job:
        """Return a job.

        Raises:
            LivescapeError: ``job_unknown``.
        """
        if job_id not in self._jobs:
            raise LivescapeError(
                "job_unknown",
                f"The server has no job {job_id[:40]!r}; it may have been restarted.",
                hint="Generate the scene again.",
                retryable=True,
            )
        return self._jobs[job_id]

    def submit(self, job_id: str, submit: Submit) -> Job:
        """Return the job of this content: one that waits, runs or is done, or else a new run.

        Raises:
            LivescapeError: ``server_busy``, ``disk_full`` or ``result_not_writable``.
        """
        known = self._jobs.get(job_id)
        if known is not None and known.attachable:
            return known
        if len(self._queue) + (self._runner.job is not None) >= self._limits.queued_jobs:
            raise LivescapeError(
                "server_busy",
                f"The server already has {self._limits.queued_jobs} jobs waiting.",
                hint="Wait for one to finish or cancel one.",
                retryable=True,
            )
        job = Job(job_id, self._results / f"{job_id}-{next(self._run_numbers)}")
        try:
            write_request(job.folder, submit, free_bytes=self._limits.free_disk_bytes)
        except BaseException:
            shutil.rmtree(job.folder, ignore_errors=True)
            raise
        if known is not None and known.state.terminal:
            self.forget(known)
        self._jobs.pop(job_id, None)  # so that the new run is the youngest
        self._jobs[job_id] = job
        self._queue.append(job)
        return job

    def cancel(self, job_id: str) -> Job:
        """Ask a job to stop; one that waits stops now, one that runs at its next step.

        Raises:
            LivescapeError: ``job_unknown``.
        """
        job = self.job(job_id)
        if job is self._runner.job:
            self._runner.cancel()
        elif job.state is State.QUEUED:
            self._queue.remove(job)
            job.advance(State.CANCELLED)
            self._cancelled.append(job)
        return job

    def events(self) -> list[tuple[Job, Progress | Finished]]:
        """Advance jobs and return what happened since the last call, in order."""
        happened: list[tuple[Job, Progress | Finished]] = []
        running = self._runner.job
        progress, ended = self._runner.poll()
        if running is not None:
            happened.extend((running, each) for each in progress)
        if ended is not None:
            happened.append((ended, self._finish(ended)))
        while self._cancelled:
            job = self._cancelled.popleft()
            happened.append((job, self._finish(job)))
        if self._runner.job is None and self._queue:
            self._runner.start(self._queue.popleft())
        return happened

    def forget(self, job: Job) -> None:
        """Remove a finished job and its files."""
        if self._jobs.get(job.id) is job:
            del self._jobs[job.id]
        shutil.rmtree(job.folder, ignore_errors=True)

    def trim(self, in_use: Collection[str]) -> None:
        """Remove the oldest finished jobs beyond the limit, except those ``in_use``."""
        done = [job for job in self._jobs.values() if job.state.terminal and job.id not in in_use]
        for job in done[: max(0, len(done) - self._limits.kept_results)]:
            self.forget(job)

    def _finish(self, job: Job) -> Finished:
        LOGGER.info("job %s: %s", job.id, job.state)
        if job.state is not State.DONE or self._jobs.get(job.id) is not job:
            shutil.rmtree(job.folder, ignore_errors=True)
        return job.finished()
