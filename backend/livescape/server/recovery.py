"""What a new server finds of earlier ones: jobs to go on with, results, and what to clear away."""

from __future__ import annotations

import logging
import shutil
from pathlib import Path

from livescape.server.failures import server_death
from livescape.server.jobs import Job, State, preview_folders, run_number
from livescape.server.journal import Entry, Journal
from livescape.server.results import REQUEST_FILE, read_whole
from livescape_shared.files import remove_partials

LOGGER = logging.getLogger(__name__)

SERVERS = 30
"""Servers that may die in one stage of a job; after that the job is considered the cause."""


def recover(results: Path, journal: Journal, *, waits_until: float = 0.0) -> list[Job]:
    """Return the jobs of earlier servers, those that have not ended as queued, in their order.

    The job that was running comes first among those. Folders that belong to no job and what killed
    processes have begun to write are removed; the caller holds the lock of the folder, so nobody
    else writes there.

    Args:
        results: Folder of the jobs' folders.
        journal: What is remembered of them.
        waits_until: Monotonic time until which jobs are kept for clients that do not come back.

    Raises:
        LivescapeError: ``disk_full`` or ``journal_not_writable``.
    """
    folders = {folder.name: folder for folder in results.iterdir() if folder.is_dir()}
    entries = journal.entries()
    if journal.damaged:
        known = {entry.run for entry in entries}
        unknown = (folder for name, folder in folders.items() if name not in known)
        entries += filter(None, map(_entry_of_folder, unknown))
    jobs: dict[str, Job] = {}
    for entry in sorted(entries, key=lambda entry: run_number(entry.run)):
        job = _restore(results, entry, waits_until)
        if job is None:
            journal.forget(entry.run)
            continue
        earlier = jobs.pop(job.id, None)  # of two runs of a job, only the younger one is wanted
        if earlier is not None:
            journal.forget(earlier.run)
        jobs[job.id] = job
    interrupted = [job for job in jobs.values() if job.state is State.RUNNING]
    for job in jobs.values():
        _take_up(job)
        journal.save(Entry(job.run, job.state.value, job.record()), durable=False)
    _clear(results, {job.run for job in jobs.values() if _has_folder(job)})
    waiting = [job for job in jobs.values() if not job.state.terminal]
    if jobs:
        LOGGER.info("%d jobs of earlier servers, %d of them go on", len(jobs), len(waiting))
    return sorted(jobs.values(), key=lambda job: job not in interrupted)


def _entry_of_folder(folder: Path) -> Entry | None:
    """Return what the folder of a run tells without the journal."""
    whole = read_whole(folder)
    if whole is not None:
        return Entry(folder.name, State.DONE.value, whole)
    if (folder / REQUEST_FILE).is_file():
        return Entry(folder.name, State.QUEUED.value, {})
    return None


def _has_folder(job: Job) -> bool:
    return job.state is State.DONE or not job.state.terminal


def _restore(results: Path, entry: Entry, waits_until: float) -> Job | None:
    """Return the job of ``entry``, None if it makes no sense or its files are gone."""
    folder = results / entry.run
    if run_number(entry.run) < 0 or folder.parent != results:
        LOGGER.error("the journal names a run %.80r, which is none", entry.run)
        return None
    try:
        job = Job.restore(folder, entry.state, entry.record, waits_until=waits_until)
    except (TypeError, ValueError) as error:
        LOGGER.error("what is remembered of run %s cannot be read: %s", entry.run, error)
        told = _entry_of_folder(folder)
        return None if told is None or told == entry else _restore(results, told, waits_until)
    if not job.state.terminal and read_whole(folder) is not None:
        told = _entry_of_folder(folder)  # it ended when the journal could not be told any more
        return None if told is None else _restore(results, told, waits_until)
    if _has_folder(job) and not folder.is_dir():
        LOGGER.error("the files of run %s are gone", entry.run)
        return None
    return job


def _take_up(job: Job) -> None:
    """Prepare a job to go on, or end it."""
    if job.state.terminal:
        return
    if job.cancel_requested:
        job.advance(State.CANCELLED)
        return
    if job.state is State.RUNNING:
        job.interruptions[job.stage] += 1
        if job.interruptions[job.stage] >= SERVERS:
            job.error = server_death(SERVERS)
            job.advance(State.FAILED)
            return
        job.advance(State.QUEUED)


def _clear(results: Path, runs: set[str]) -> None:
    """Remove everything in ``results`` but the folders of ``runs``, and what was on its way there.

    That is partial files, and scenes that came early: their jobs begin again, or are over.
    """
    for path in results.iterdir():
        if path.name in runs:
            remove_partials(path)
            for early in preview_folders(path):
                shutil.rmtree(early, ignore_errors=True)
        elif path.is_dir() and not path.is_symlink():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink(missing_ok=True)
