"""The check that is going on: by a timer for the artist, by a blocking call for scripts."""

from __future__ import annotations

import traceback
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import bpy

from livescape_shared.errors import Cancelled, LivescapeError

from ..generate import status
from ..properties import state_of
from ..redraw import redraw_areas
from .measured import Measured, keep

if TYPE_CHECKING:
    from .check import Check

TICK_S = 0.05

Then = Callable[[Any, Measured], "Check | None"]
"""What is done with a result, on the main thread; it may ask for another check."""

_running: tuple[Check, Then | None] | None = None


def is_running() -> bool:
    """Whether something is being checked."""
    return _running is not None


def begin(check: Check, then: Then | None = None) -> None:
    """Go on with a check by timer."""
    global _running
    _running = (check, then)
    if not bpy.app.timers.is_registered(_tick):
        bpy.app.timers.register(_tick, first_interval=TICK_S)


def wait(context: Any, check: Check, then: Then | None = None) -> Measured:
    """Wait for a check, and for those that follow from it.

    Raises:
        LivescapeError: What went wrong.
        Cancelled: Nobody wants it any more.
    """
    while True:
        found = check.poll(TICK_S)
        if found is None:
            continue
        keep(check.scene_id, found)
        following = then(context, found) if then is not None else None
        if following is None:
            return found
        check = following


def stop() -> None:
    """Forget what is going on; its thread ends by itself."""
    global _running
    if _running is not None:
        _running[0].stop()
    _running = None
    if bpy.app.timers.is_registered(_tick):
        bpy.app.timers.unregister(_tick)


def redraw() -> None:
    """Draw again whatever shows a result."""
    redraw_areas("VIEW_3D", "DOPESHEET_EDITOR", "GRAPH_EDITOR")


def _tick() -> float | None:
    global _running
    if _running is None:
        return None
    check, then = _running
    context = bpy.context
    problem: LivescapeError | None
    details = ""
    try:
        found = check.poll()
        if found is None:
            return TICK_S
        keep(check.scene_id, found)
        is_same = context.scene.session_uid == check.scene_id
        following = then(context, found) if then is not None and is_same else None
        _running = (following, then) if following is not None else None
    except Cancelled:
        problem = None
    except LivescapeError as error:
        problem = error
    except Exception as error:
        problem, details = status.fault(error), traceback.format_exc()
    else:
        redraw()
        return TICK_S if _running is not None else None
    _running = None
    if problem is not None:
        status.failed(state_of(context), problem, details)
    redraw()
    return None
