"""Every job the server knows: in memory, in the journal and as folders, kept in step."""

from __future__ import annotations

import itertools
import logging
import os
import time
from collections import deque
from collections.abc import Callable, Collection, Iterable, Iterator
from concurrent.futures import Future
from contextlib import suppress
from pathlib import Path

from livescape.server.bounds import Limits
from livescape.server.framefile import refusal
from livescape.server.jobs import Job, State, preview_folders, run_name
from livescape.server.journal import Entry, Journal
from livescape.server.journal_writer import JournalWriter
from livescape.server.removal import Remover
from livescape.server.results import REQUEST_FILE, write_whole
from livescape_shared.errors import LivescapeError
from livescape_shared.files import remove_partials

LOGGER = logging.getLogger(__name__)

USED_STEP_S = 60.0
"""How exactly the journal knows when a result was last used."""


class Registry:
    """Jobs by their id, the newest run of each.

    Args:
        results: Folder of the jobs' folders.
        journal: Where they are remembered.
        limits: Bounds.
        jobs: Those of earlier servers, from :func:`livescape.server.recovery.recover`.
        clock: Unix time in seconds.
    """

    def __init__(
        self,
        results: Path,
        journal: Journal,
        limits: Limits,
        jobs: Iterable[Job] = (),
        *,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._results = results
        self._journal = JournalWriter(journal)
        self._limits = limits
        self._clock = clock
        self._remover = Remover(results)
        self._jobs = {job.id: job for job in jobs}
        highest = max((job.number for job in self._jobs.values()), default=-1)
        self._numbers = itertools.count(highest + 1)
        self._saved: dict[Job, tuple[object, ...]] = {}
        self._unsaved: set[Job] = set()
        self._writes: deque[tuple[Job, Future[None]]] = deque()
        self._promises: dict[Job, Future[None]] = {}
        self._behind: set[Job] = set()
        self._crowded = True
        """Whether something may have to be forgotten."""

    @property
    def place(self) -> Path:
        """The folder of the jobs' folders."""
        return self._results

    def __iter__(self) -> Iterator[Job]:
        """Return the jobs, the oldest first."""
        return iter(self._jobs.values())

    def get(self, job_id: str) -> Job | None:
        """Return the newest run of a job."""
        return self._jobs.get(job_id)

    def add(self, job_id: str, request: Path, client: str) -> Job:
        """Return a new run, whose request is on the disk for good.

        Its journal entry will be when :meth:`promise` is fulfilled.

        Args:
            job_id: Content hash of the request.
            request: Folder with the request, which becomes the run's.
            client: Name of the client that asks.

        Raises:
            LivescapeError: ``disk_full`` or ``result_not_writable``; nothing is left of it then.
        """
        folder = self._results / run_name(job_id, next(self._numbers))
        job = Job(job_id, folder, client=client, created=self._clock())
        try:
            os.replace(request, folder)
        except OSError as error:
            raise refusal(folder, error) from error
        self._promises[job] = self._write(job, durable=True)
        known = self._jobs.pop(job_id, None)  # so that the new run is the youngest
        if known is not None and known.state.terminal:
            self._drop(known)
        self._jobs[job_id] = job
        return job

    def promise(self, job: Job) -> Future[None] | None:
        """Return what is fulfilled once a new run is in the journal for good; None if it is.

        It fails with ``disk_full`` or ``journal_not_writable``.
        """
        return self._promises.get(job)

    def note(self, job: Job, *, durable: bool = False) -> None:
        """Bring the journal up to date about ``job``; what cannot be written is tried again."""
        if self._saved.get(job) != _gist(job):
            self._write(job, durable=durable)

    def catch_up(self) -> None:
        """Write what could not be written."""
        while self._writes and self._writes[0][1].done():
            self._check(*self._writes.popleft())
        for job in list(self._unsaved):
            self._write(job, durable=True)

    def _write(self, job: Job, *, durable: bool) -> Future[None]:
        written = self._journal.save(_entry(job), durable=durable)
        self._saved[job] = _gist(job)
        self._writes.append((job, written))
        self._unsaved.discard(job)
        return written

    def _check(self, job: Job, written: Future[None]) -> None:
        """Note what a write that has ended has come to."""
        if self._promises.get(job) is written:
            del self._promises[job]
        error = written.exception()
        behind = job in self._behind
        if error is None:
            self._behind.discard(job)
        elif job in self._saved:  # it has not been dropped since
            if not behind:
                LOGGER.error("the journal is behind: %s", error)
            self._behind.add(job)
            del self._saved[job]
            self._unsaved.add(job)

    def finish(self, job: Job) -> None:
        """Keep the result of a job that has ended, or clear away what is left of it."""
        LOGGER.info("job %s: %s", job.id, job.state)
        self._crowded = True
        self._drop_previews(job)
        job.used = self._clock()
        if self._jobs.get(job.id) is not job:  # it has been asked for again since
            self._drop(job)
            return
        if job.state is not State.DONE:
            job.waiters.clear()
        else:
            with suppress(LivescapeError):  # the journal knows it too
                write_whole(job.folder, job.record())
        self.note(job, durable=True)
        if job.state is State.DONE:
            remove_partials(job.folder)
            self._remover.remove(job.folder / REQUEST_FILE)
        else:
            self._remover.remove(job.folder)

    def _drop_previews(self, job: Job) -> None:
        job.preview = None
        for folder in preview_folders(job.folder):
            self._remover.remove(folder)

    def use(self, job: Job) -> None:
        """Note that the result of ``job`` is asked for."""
        now = self._clock()
        if now - job.used > USED_STEP_S:
            job.used = now
            self.note(job)
        job.used = now

    def forget(self, job: Job) -> None:
        """Remove a job that has ended, and its result."""
        if self._jobs.get(job.id) is job:
            del self._jobs[job.id]
        self._drop(job)

    def trim(self, in_use: Collection[str]) -> None:
        """Forget the results that were used least recently, until the rest fits the quota.

        What is being read, or awaited by a client that is connected, stays.
        """
        if not self._crowded:
            return
        ended = [job for job in self._jobs.values() if job.state.terminal]
        ended.sort(key=lambda job: job.used)
        size = sum(job.size for job in ended)
        results = [job for job in ended if job.state is State.DONE]
        pinned = 0
        for job in results:
            if size <= self._limits.results_bytes:
                break
            if job.awaited or job.id in in_use:
                pinned += 1
                continue
            LOGGER.info("the result of job %s makes room for others", job.id)
            self.forget(job)
            size -= job.size
        others = [job for job in ended if job.state is not State.DONE and not job.awaited]
        for job in others[: max(0, len(others) - self._limits.kept_records)]:
            self.forget(job)
        self._crowded = pinned > 0 and size > self._limits.results_bytes

    def close(self) -> None:
        """Close the journal, once everything is written and what is to be removed is gone."""
        self.catch_up()
        self._journal.close()
        self._remover.close()

    def _drop(self, job: Job) -> None:
        """Remove a run from the journal and the disk, in this order."""
        self._saved.pop(job, None)
        self._unsaved.discard(job)
        self._behind.discard(job)
        self._journal.forget(job.run).add_done_callback(_log_failure)
        self._remover.remove(job.folder)


def _log_failure(forgotten: Future[None]) -> None:
    """Log that an entry stays; its folder is missing at the next start, and it too then."""
    if (error := forgotten.exception()) is not None:
        LOGGER.error("the journal is behind: %s", error)


def _entry(job: Job) -> Entry:
    return Entry(job.run, job.state.value, job.record())


def _gist(job: Job) -> tuple[object, ...]:
    """Return what the journal must know; progress within a stage is not part of it."""
    waiters, deaths = tuple(job.waiters), sum(job.deaths.values())
    return job.state, job.stage, job.cancel_requested, waiters, deaths, job.used
