"""The queue of jobs and their results: ``submit``, ``cancel``, ``events``."""

from __future__ import annotations

import logging
import math
import time
from collections import deque
from collections.abc import Callable, Collection
from concurrent.futures import Future
from contextlib import ExitStack, closing
from pathlib import Path

from livescape.server.bounds import Limits
from livescape.server.executor import Executor
from livescape.server.jobs import Job, State
from livescape.server.journal import Journal
from livescape.server.recovery import recover
from livescape.server.registry import Registry
from livescape.server.state_folder import results_folder
from livescape_shared.counted import counted
from livescape_shared.errors import LivescapeError
from livescape_shared.messages import Finished, Preview, Progress

LOGGER = logging.getLogger(__name__)


class Scheduler:
    """Runs the jobs, each as soon as the executor has room for it, in the order of asking.

    Args:
        registry: The jobs; those of earlier servers go on at once.
        executor: Computes them.
        limits: Bounds.
        clock: Monotonic time in seconds.
    """

    def __init__(
        self,
        registry: Registry,
        executor: Executor,
        limits: Limits,
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._registry = registry
        self._executor = executor
        self._limits = limits
        self._clock = clock
        self._queue = deque(job for job in registry if job.state is State.QUEUED)
        self._cancelled: deque[Job] = deque()

    @classmethod
    def open(
        cls,
        folder: Path,
        executor: Executor,
        limits: Limits,
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> Scheduler:
        """Return the scheduler of a server's ``folder``, with the jobs of earlier servers.

        Raises:
            LivescapeError: ``state_dir_unsafe``, ``state_dir_unusable``, ``disk_full`` or
                ``journal_not_writable``.
        """
        results = results_folder(folder)
        with ExitStack() as stack:
            journal = stack.enter_context(closing(Journal(folder)))
            jobs = recover(results, journal, waits_until=clock() + limits.absence_s)
            stack.pop_all()
        return cls(Registry(results, journal, limits, jobs), executor, limits, clock=clock)

    @property
    def active(self) -> bool:
        """Whether a job waits or runs, or has ended and this has not been reported yet."""
        return bool(self._executor.jobs) or bool(self._queue) or bool(self._cancelled)

    @property
    def device(self) -> str:
        """What computes; empty until the worker has reported it."""
        return self._executor.device

    @property
    def device_memory(self) -> dict[str, int]:
        """Total and free bytes of the graphics cards between two jobs; empty without one."""
        return self._executor.device_memory

    @property
    def versions(self) -> dict[str, str]:
        """Versions of the libraries that compute; empty until the worker has reported them."""
        return self._executor.versions

    @property
    def place(self) -> Path:
        """The folder of the jobs' folders."""
        return self._registry.place

    @property
    def jobs(self) -> list[Job]:
        """All jobs, the oldest first."""
        return list(self._registry)

    def job(self, job_id: str) -> Job:
        """Return a job.

        Raises:
            LivescapeError: ``job_unknown``.
        """
        job = self._registry.get(job_id)
        if job is None:
            raise LivescapeError(
                "job_unknown",
                f"The server has no job {job_id[:40]!r}; its result may have made room for others.",
                hint="Generate the scene again.",
                retryable=True,
            )
        return job

    def result(self, name: str) -> Job:
        """Return the job of this id, or the preview of this name as if it were one.

        Raises:
            LivescapeError: ``job_unknown``.
        """
        owner = self._registry.get(name.partition(".")[0])
        early = None if owner is None else owner.preview
        return early if early is not None and early.id == name else self.job(name)

    def has(self, job_id: str) -> bool:
        """Return whether a job waits, runs or is done, so that asking for it starts nothing."""
        job = self._registry.get(job_id)
        return job is not None and job.attachable

    def submit(self, job_id: str, request: Path, waiter: str = "", client: str = "") -> Job:
        """Return the job of this content: one that waits, runs or is done, or else a new run.

        Args:
            job_id: Content hash of the request.
            request: Folder with the request; a new run takes it over.
            waiter: Key of the client that asks.
            client: Its name.

        Raises:
            LivescapeError: ``server_busy``, ``disk_full`` or ``result_not_writable``.
        """
        job = self._registry.get(job_id)
        if job is None or not job.attachable:
            waiting = len(self._queue) + len(self._executor.jobs)
            if waiting >= self._limits.queued_jobs:
                raise LivescapeError(
                    "server_busy",
                    counted(
                        self._limits.queued_jobs,
                        "The server already has 1 job waiting.",
                        f"The server already has {self._limits.queued_jobs} jobs waiting.",
                    ),
                    hint="Wait for one to finish or cancel one.",
                    retryable=True,
                )
            job = self._registry.add(job_id, request, client)
            self._queue.append(job)
        if waiter:
            job.waiters[waiter] = math.inf
            self._registry.note(job)
        return job

    def promise(self, job: Job) -> Future[None] | None:
        """Return what is fulfilled once a new job is on the disk for good; None if it is."""
        return self._registry.promise(job)

    def cancel(self, job_id: str, waiter: str = "", *, for_everyone: bool = False) -> Job:
        """Stop waiting for a job; it stops, at its next step, if nobody else waits for it.

        Args:
            job_id: Content hash of the request.
            waiter: Key of the client that no longer waits.
            for_everyone: Whether it stops whoever waits for it.

        Returns:
            The job. It goes on if it has not ended and no cancelling has been requested.

        Raises:
            LivescapeError: ``job_unknown``.
        """
        job = self.job(job_id)
        job.waiters.pop(waiter, None)
        now = self._clock()
        if for_everyone or all(until < now for until in job.waiters.values()):
            self._stop(job)
        self._registry.note(job)
        return job

    def leave(self, waiter: str) -> None:
        """Note that a client is gone; for a while it may come back for what it waits for."""
        until = self._clock() + self._limits.absence_s
        for job in self._registry:
            if waiter in job.waiters:
                job.waiters[waiter] = until

    def stop_waiting(self, job: Job, waiter: str) -> None:
        """Note that a client has all that it waited for."""
        if job.waiters.pop(waiter, None) is not None:
            self._registry.note(job)

    def events(self) -> list[tuple[Job, Progress | Preview | Finished]]:
        """Advance jobs and return what happened since the last call, in order."""
        happened: list[tuple[Job, Progress | Preview | Finished]] = []
        running = self._executor.jobs
        for job, progress in self._executor.events():
            if progress is None:
                running.remove(job)
                happened.append((job, self._finish(job)))
            else:
                happened.append((job, progress))
        for job in running:
            self._registry.note(job)
        while self._cancelled:
            job = self._cancelled.popleft()
            happened.append((job, self._finish(job)))
        while self._queue and self._executor.has_room:
            self._executor.submit(self._queue.popleft())
        return happened

    def use(self, job: Job) -> None:
        """Note that the result of ``job`` is asked for; a preview is not remembered."""
        if self._registry.get(job.id) is job:
            self._registry.use(job)

    def forget(self, job_id: str, in_use: Collection[str]) -> Job:
        """Remove a job that has ended, and its result.

        Raises:
            LivescapeError: ``job_unknown`` or ``job_in_use``.
        """
        job = self.job(job_id)
        if not job.state.terminal or job_id in in_use:
            doing = "being read" if job.state.terminal else job.state.value
            raise LivescapeError(
                "job_in_use",
                f"The job {job_id} is {doing} and cannot be forgotten now.",
                hint="Cancel it, or wait until it has ended.",
                retryable=True,
            )
        self._registry.forget(job)
        return job

    def trim(self, in_use: Collection[str]) -> None:
        """Make room for results as :meth:`Registry.trim` does, and bring the journal up to date."""
        self._registry.trim(in_use)
        self._registry.catch_up()

    def close(self) -> None:
        """End the workers and the journal; the next server goes on with what has not ended."""
        running = self._executor.jobs
        self._executor.stop()
        for job in running:
            if job.state.terminal:
                continue
            if job.cancel_requested:
                job.advance(State.CANCELLED)
            elif job.state is State.RUNNING:
                job.advance(State.QUEUED)
            self._registry.note(job, durable=True)
        self._registry.close()

    def _stop(self, job: Job) -> None:
        if job in self._executor.jobs:
            self._executor.cancel(job)
        elif job.state is State.QUEUED:
            self._queue.remove(job)
            job.advance(State.CANCELLED)
            self._cancelled.append(job)

    def _finish(self, job: Job) -> Finished:
        self._registry.finish(job)
        return job.finished()
