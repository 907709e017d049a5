"""What is left of a generation when it ends, one function for each way of ending."""

from __future__ import annotations

from contextlib import suppress

import bpy

from livescape_shared.errors import LivescapeError

from ..camera.measured import keep_report
from ..render_setup.clipping import too_short
from ..splats.chosen import select
from . import durations, records
from .job import Job
from .outcome import Outcome
from .worker import Arrived


def placed(job: Job, arrived: Arrived) -> Outcome:
    """The whole scene is in its object."""
    meta, report = arrived.content.meta, job.worker.report
    scene, item = job.scene(), bpy.data.objects.get(job.placed)
    warnings = [str(remark) for remark in report.get("remarks", ())]
    if report.get("uncovered_from_frame") is not None:
        warnings.append(str(report["coverage"]))
    if job.remark:
        warnings.append(job.remark)
    if scene is not None:
        keep_report(scene, meta.start_frame, report)
        select(scene, item)
    if scene is not None and too_short(scene):
        warnings.append("The camera's Clip End cuts off part of the scene. Use Prepare Render")
    note = f"{job.placed}: {meta.static + meta.moving} Gaussians, {meta.moving} moving"
    if job.kind:
        durations.learn(job.kind, job.watch.seconds())
    job.close(records.PLACED, cache=arrived.folder.name)
    return Outcome(item, note, tuple(warnings))


def left_behind(job: Job, arrived: Arrived) -> Outcome:
    """The whole scene is there, but not the file or scene that it belongs to."""
    if job.again:
        job.close(job.again)
        return Outcome(note=f"{job.record.name} was not shown: its scene is no longer open")
    job.keep(records.DONE, cache=arrived.folder.name)
    what = f"{job.record.name} of {job.blend.name} is finished"
    return Outcome(note=f"{what}. It is offered when that file is open")


def cancelled(job: Job) -> Outcome:
    """The artist has cancelled: what was there before is there, or the best so far."""
    if job.again:
        job.close(job.again)
        return Outcome(note="Cancelled")
    if job.shown is None or job.scene() is None:
        job.forget()
        return Outcome(note="Cancelled")
    if job.before is not None:
        job.close(records.CANCELLED, cache=job.shown.folder.name)
        back = "is as it was before" if job.placed else "shows how far this came"
        return Outcome(_item(job), f"Cancelled: {job.record.name} {back}")
    job.close(records.CANCELLED, cache=job.shown.folder.name)
    return Outcome(_item(job), f"Cancelled: {job.record.name} shows the best so far")


def failed(job: Job, error: LivescapeError, details: str = "") -> Outcome:
    """Something went wrong."""
    if job.again:  # it stays in the list
        job.close(job.again)
        return Outcome(error=error, details=details)
    if not job.is_open:
        with suppress(LivescapeError):
            job.keep(records.FAILED, error=error)
        return Outcome(error=error, details=details)
    arrived = job.worker.arrived
    if arrived is not None and job.reason is None:  # only the object is missing
        with suppress(LivescapeError):
            job.keep(records.DONE, cache=arrived.folder.name)
    elif job.shown is not None:
        job.close(records.ENDED, cache=job.shown.folder.name, error=error)
    else:
        job.forget()
    return Outcome(_item(job), error=error, details=details)


def _item(job: Job) -> bpy.types.Object | None:
    """Return the object if this generation has changed it."""
    return bpy.data.objects.get(job.name_in_scene) if job.shown is not None else None
