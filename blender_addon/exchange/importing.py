"""The import that this Blender is at: one at a time, by a timer or by a blocking call."""

from __future__ import annotations

import math
import traceback
from pathlib import Path
from typing import Any

import bpy

from livescape_shared.errors import Cancelled, LivescapeError

from ..cache.cache_folder import caches_folder
from ..generate import status
from ..properties import frame_rate, state_of
from ..redraw import redraw_panels
from ..setting_up.python import backend_python
from ..undo_step import push_undo
from .by_backend import needs_backend
from .file_import import FileImport
from .file_steps import Wanted
from .imported import Import
from .points_import import PointsImport
from .scene_import import SceneImport

TICK_S, PLACING_TICK_S = 0.05, 0.01
BUDGET_S = 0.012
BLOCKING_WAIT_S = 0.02


_current: SceneImport | None = None


def begin(context: Any, path: Path, axes: str, *, as_sequence: bool = True) -> None:
    """Begin to read ``path``, to store it as a cache beside the .blend and to build its object.

    The object is turned rather than the Gaussians, so that view-dependent colour stays exact.

    Args:
        context: Its scene gets the object.
        path: A splat file of any kind that is read.
        axes: As for :func:`livescape_shared.formats.load.to_blender`.
        as_sequence: Whether files beside it that differ by a number are further frames.

    Raises:
        LivescapeError: ``blend_unsaved``, ``backend_missing`` or ``backend_outdated``.
    """
    global _current
    scene = context.scene
    root = caches_folder()
    python = backend_python(context) if needs_backend(path) else None
    fps = frame_rate(scene)
    wanted = Wanted(path, axes, as_sequence, root, scene.frame_start, fps, python)
    _current = FileImport(scene, wanted)


def begin_points(context: Any, source: bpy.types.Object) -> None:
    """Begin to make an object of what ``source`` shows in the scene's frame range.

    Raises:
        LivescapeError: ``blend_unsaved``.
    """
    global _current
    _current = PointsImport(context, source)


def is_running() -> bool:
    """Whether something is being imported."""
    return _current is not None


def current() -> SceneImport | None:
    """Return what is being imported, None if nothing is."""
    return _current


def run_by_timer() -> None:
    """Let a timer do it from now on."""
    if not bpy.app.timers.is_registered(_on_timer):
        bpy.app.timers.register(_on_timer, first_interval=TICK_S, persistent=True)


def wait(context: Any) -> Import:
    """Return what it became, however long that takes; for scripts.

    Raises:
        LivescapeError: Why it became nothing; then the file is as it was.
    """
    try:
        while True:
            found = tick(context, math.inf, BLOCKING_WAIT_S)
            if found is not None:
                return found
    finally:
        stop()


def tick(context: Any, budget_s: float = BUDGET_S, wait_s: float = 0.0) -> Import | None:
    """Do what there is to do on the main thread; return what it became, None before.

    Raises:
        LivescapeError: As :meth:`SceneImport.advance`; it is over then.
        Cancelled: Likewise.
    """
    if _current is None:
        raise Cancelled
    try:
        undo_name = _current.undo_name
        found = _current.advance(context, budget_s, wait_s)
    except BaseException:
        _end()
        raise
    if found is not None:
        _end()
        status.finished(state_of(context), str(found))
        push_undo(context, undo_name)
    return found


def stop() -> None:
    """End at once; what is not whole leaves nothing behind."""
    _end()
    if bpy.app.timers.is_registered(_on_timer):
        bpy.app.timers.unregister(_on_timer)


def _end() -> None:
    global _current
    ended, _current = _current, None
    if ended is not None:
        ended.end()


def before_data_changes() -> None:
    """Let go of Blender's data, which a step of undo is about to exchange."""
    if _current is not None:
        _current.data_changes()


def before_saving() -> None:
    """Let go of what is built so far, so that half an object is in no file."""
    if _current is not None:
        _current.before_saving()


def after_saving() -> None:
    """Follow the file to where it lies now."""
    if _current is not None and bpy.data.filepath:
        _current.saved(caches_folder())


def _on_timer() -> float | None:
    context = bpy.context
    try:
        found = tick(context)
    except Cancelled:
        status.finished(state_of(context), "Cancelled")
    except LivescapeError as error:
        status.failed(state_of(context), error)
    except Exception as error:
        status.failed(state_of(context), status.fault(error), traceback.format_exc())
    else:
        redraw_panels()
        if found is None:
            is_urgent = _current is not None and _current.is_urgent
            return PLACING_TICK_S if is_urgent else TICK_S
    redraw_panels()
    return None
