"""The generation that this Blender is at: one at a time, driven by a timer or by a blocking call.

A timer goes on whatever the artist does: no key ends it, and opening another file does not either.
"""

from __future__ import annotations

import time
import traceback
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import bpy

from livescape_shared.cache.folder import ROOT
from livescape_shared.errors import Cancelled, LivescapeError

from ..cache.cache_folder import caches_folder
from ..cache.generations import played_folders
from ..camera.path import raster_of
from ..camera.remarks import remarks as camera_remarks
from ..paths import named_path
from ..photo import looking
from ..properties import settings_of, state_of
from ..redraw import SIDEBAR, redraw_viewports
from ..servers.choice import chosen_name
from ..undo_step import push_undo
from . import durations, endings, framing, generation, history, offers, records, status, superseded
from .advancing import advance
from .job import Job
from .outcome import Outcome
from .records import Record
from .steps import Steps, WholeCache
from .worker import Worker

TICK_S = 0.05
PLACING_TICK_S = 0.01
BUDGET_S, MOST_S = 0.012, 0.035
BLENDERS_SHARE = 0.25
"""Part of the time that Blender itself took since the last call, by which the next one is longer:
where a window is drawn slowly, slices of a few milliseconds would take for ever."""

BLOCKING_WAIT_S = 0.25

_job: Job | None = None
_ended: Outcome | None = None
"""How the last generation has ended, of which only the step of undo is missing."""

_shown: tuple[Any, ...] = ()
"""What the panel showed when it was last drawn."""

_left_at = 0.0
"""When the timer's last call ended."""


def start(context: Any, *, previews: bool = False) -> None:
    """Check all inputs and start.

    Args:
        context: Of Blender.
        previews: Whether to show scenes that are there before the whole one.

    Raises:
        LivescapeError: What is missing or wrong; nothing has been changed.
    """
    steps, request = generation.new_generation(context, previews=previews)
    record = Record(
        Path(bpy.data.filepath).name,
        context.scene.name,
        steps.name,
        steps.key,
        chosen=history.chosen(settings_of(context.scene)),
    )
    records.write_request(caches_folder(), record, request)
    job = _begin(context, record, steps)
    said = [_cut_off(context.scene), *camera_remarks(context.scene)]
    job.remark = " ".join(filter(None, said))
    job.kind = durations.kind_of(chosen_name(context), request)
    job.known = durations.known(job.kind)


def _cut_off(scene: bpy.types.Scene) -> str:
    """Return what the frame does not show of the photo, if it is to be filled."""
    group = settings_of(scene)
    if group.frame != framing.CROP:
        return ""
    size = looking.waited_for(named_path(group.photo)).size
    return framing.sentence(size, raster_of(scene).shape)


def resume(context: Any, record: Record, *, previews: bool = False) -> None:
    """Go on with a generation that was left behind, or place what it has made.

    Args:
        context: Of Blender.
        record: Of the generation.
        previews: Whether to show scenes that are there before the whole one.

    Raises:
        LivescapeError: ``job_lost`` or what starting raises.
    """
    root = caches_folder()
    steps: Steps
    request = None
    if record.state == records.DONE:
        folder = root / record.cache
        is_new = folder.resolve() not in played_folders()
        steps = WholeCache(record.name, folder, is_new=is_new)
    else:
        request = records.read_request(root, record)
        steps = generation.generation_of(
            context, record.name, request, root, previews=previews, key=record.id
        )
    here = Record(
        Path(bpy.data.filepath).name,  # it may have been renamed
        record.scene,
        record.name,
        record.id,
        started=record.started,
        chosen=record.chosen,
        early=record.early,
    )
    job = _begin(context, here, steps)
    if request is not None:  # it teaches nothing, for part of it has been done before
        job.known = durations.known(durations.kind_of(chosen_name(context), request))


def show_again(context: Any, record: Record) -> None:
    """Let the object of its name play a generation that is over.

    Raises:
        LivescapeError: What the file system refuses.
    """
    steps = WholeCache(record.name, caches_folder() / record.cache)
    blend = Path(bpy.data.filepath).name
    here = replace(record, state=records.DONE, blend=blend, scene=context.scene.name)
    _begin(context, here, steps).again = record.state


def _begin(context: Any, record: Record, steps: Steps) -> Job:
    global _job
    if _ended is not None:
        _push_undo(context)
    scene = bpy.data.scenes.get(record.scene) or context.scene
    root = caches_folder()
    try:
        records.write_record(root, record)
    except LivescapeError:
        records.remove_record(root, record)
        raise
    _job = Job(record, Path(bpy.data.filepath), scene, Worker(steps, root))
    status.started(state_of(context))
    _job.worker.start()
    return _job


def is_running() -> bool:
    """Whether there is a generation."""
    return _job is not None


def current() -> Job | None:
    """Return the generation, if there is one."""
    return _job


def tick(context: Any, budget_s: float = BUDGET_S, wait_s: float = 0.0) -> Outcome | None:
    """Do what there is to do on the main thread; return how it ended, None while it goes on.

    Whatever goes wrong is part of the outcome: this raises nothing.

    Args:
        context: Whose window manager shows the progress.
        budget_s: Time after which the rest is left to the next call.
        wait_s: Time to wait for something to do.
    """
    global _ended
    if _ended is not None:
        return _push_undo(context)
    job = _job
    if job is None:
        return Outcome()
    try:
        outcome = advance(context, job, budget_s, wait_s)
    except Cancelled:
        outcome = endings.cancelled(job)
    except LivescapeError as error:
        outcome = endings.failed(job, error)
    except Exception as error:
        outcome = endings.failed(job, status.fault(error), traceback.format_exc())
    if outcome is None:
        return None
    _end(context, outcome)
    if outcome.item is None:
        return outcome
    _ended = outcome  # what Blender itself does for a step of undo is left to the next call
    return None


def _push_undo(context: Any) -> Outcome:
    """Make what was generated a step of undo; return how it ended."""
    global _ended
    outcome, _ended = _ended or Outcome(), None
    push_undo(context, "Generate")
    return outcome


def run_by_timer() -> None:
    """Let a timer do it from now on."""
    if not bpy.app.timers.is_registered(_on_timer):
        bpy.app.timers.register(_on_timer, first_interval=TICK_S, persistent=True)


def _on_timer() -> float | None:
    global _left_at, _shown
    context = bpy.context
    between = time.perf_counter() - _left_at
    outcome = tick(context, min(max(BUDGET_S, BLENDERS_SHARE * between), MOST_S))
    _left_at = time.perf_counter()
    shown = status.shown(state_of(context))
    if shown != _shown:
        _shown = shown
        redraw_viewports(SIDEBAR)
    if outcome is not None:
        return None
    is_placing = _ended is not None or (_job is not None and _job.placing is not None)
    return PLACING_TICK_S if is_placing else TICK_S


def shut_down() -> None:
    """End at once, because the add-on does; what is kept on disk is offered again."""
    global _job, _ended
    _ended = None
    if bpy.app.timers.is_registered(_on_timer):
        bpy.app.timers.unregister(_on_timer)
    if _job is not None:
        _job.end()
        _job = None
    superseded.remove()


def before_data_changes() -> None:
    """Let go of Blender's data, which a step of undo is about to exchange."""
    global _ended
    _ended = None
    if _job is not None:
        _job.abandon_placing()


def after_data_changed() -> None:
    """Build again what a step of undo has taken away before it was one itself."""
    if _job is not None:
        _job.data_changed()


def before_opening() -> None:
    """Note that another file takes the place of the open one."""
    global _ended
    _ended = None
    if _job is not None:
        _job.left()
    superseded.remove()


def after_opening() -> None:
    """Take the generation up again if its file is the one that is open now."""
    if not bpy.data.filepath:
        return
    opened = Path(bpy.data.filepath)
    superseded.remove_left(opened.parent / ROOT)
    if _job is not None:
        _job.opened(opened)


def before_saving() -> None:
    """Let go of what is built so far, so that half an object is in no file."""
    if _job is not None:
        _job.abandon_placing()


def after_saving() -> None:
    """Follow the file to where it lies now."""
    superseded.keep_played()
    if _job is not None and bpy.data.filepath:
        with suppress(LivescapeError):  # then it is offered where it was
            _job.saved(Path(bpy.data.filepath))


def _end(context: Any, outcome: Outcome) -> None:
    global _job
    remark = _job.remark if _job is not None else ""
    if _job is not None:
        _job.end()
        _job = None
    offers.look_again()
    history.look_again()
    state = state_of(context)
    if outcome.error is not None:
        status.failed(state, outcome.error, outcome.details)
        return
    # The panel says of the frame what it shows, whatever is generated.
    warnings = [each for each in outcome.warnings if each != remark]
    status.finished(state, outcome.note, warnings)
