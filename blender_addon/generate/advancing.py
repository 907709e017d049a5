"""What is done for a generation on the main thread, call by call: shown, placed, or left."""

from __future__ import annotations

from typing import Any

from livescape_shared.errors import Cancelled

from ..properties import state_of
from . import endings, status
from .busy import reason_to_wait
from .job import Job
from .outcome import Outcome


def advance(context: Any, job: Job, budget_s: float, wait_s: float) -> Outcome | None:
    """Do what there is to do now; return how it ended, None while it goes on.

    Args:
        context: Whose window manager shows the progress.
        job: Of which something is done.
        budget_s: Time after which the rest is left to the next call.
        wait_s: Time to wait for something to do.

    Raises:
        LivescapeError: What went wrong.
        Cancelled: The artist has ended it, and there is nothing to show.
    """
    state, worker = state_of(context), job.worker
    if wait_s:
        worker.wait(wait_s)
    if state.is_cancelling:
        worker.cancel()
    job.watch.see(worker.stage, worker.fraction)
    status.progressed(state, worker.stage, worker.fraction, owner=_owner(job))
    status.timed(state, job.watch.elapsed, job.watch.left(job.known))
    if not worker.is_over:
        _show_early(context, job, budget_s)
        return None
    if worker.error is not None:
        return _leave_with(context, job, worker.error, budget_s)
    arrived = worker.arrived
    if arrived is None:
        raise Cancelled
    if not job.is_open or job.scene() is None:
        return endings.left_behind(job, arrived)
    reason = reason_to_wait(context)
    if reason:
        state.stage = reason
        return None
    state.stage = "building the object"
    if job.placed and job.reason is not None:
        raise job.reason
    if job.placed:
        return endings.placed(job, arrived)
    # The step of undo is left to the next call: Blender evaluates and draws what is new before.
    job.place(arrived, budget_s)
    return None


def _show_early(context: Any, job: Job, budget_s: float) -> bool:
    """Go on showing what is there before the whole scene; return whether there is more to do."""
    early = job.newest_early()
    if early is None or early is job.shown or job.scene() is None or reason_to_wait(context):
        return False
    return not job.show(early, budget_s)


def _leave_with(context: Any, job: Job, error: BaseException, budget_s: float) -> Outcome | None:
    """End without the whole scene: with the one from before, or else with the best so far.

    Raises:
        BaseException: The error, once the object has what it is left with.
    """
    if job.reason is not None:  # what it played before is gone
        raise job.reason
    if job.before is not None and job.shown is not None and job.scene() is not None:
        job.go_back(job.before, error)
        return None
    if job.before is None and _show_early(context, job, budget_s):
        return None
    raise error


def _owner(job: Job) -> str:
    return "" if job.is_open else job.blend.name
