"""Checks a move again by itself when its keyframes change, once the photo is known.

Nothing is asked of a server: the survey of the photo is there. Cameras are read on the main thread,
as the first check did; if that took longer than :data:`MOST_S`, the artist presses *Check Move*.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import bpy
from bpy.app.handlers import persistent

from livescape_shared.errors import Cancelled, LivescapeError

from ..generate.busy import reason_to_wait
from ..properties import state_of
from . import checking
from .check import Check
from .measured import keep, measured

QUIET_S = 0.6
"""How long the camera must have been left alone."""

MOST_S = 0.05
"""Time on the main thread that reading the cameras may take."""

TICK_S = 0.05


class _Refresh:
    changed = 0.0
    check: Check | None = None
    is_reading = False


_now = _Refresh()


def camera_changed(scene: bpy.types.Scene, depsgraph: bpy.types.Depsgraph) -> None:
    """Note that the camera has another path than the one that was checked, if it has."""
    found = measured(scene)
    if _now.is_reading or found is None or found.reference is None:
        return
    movers = set(_movers(scene))
    if not any(update.id.original in movers for update in depsgraph.updates):
        return
    _now.changed = time.monotonic()
    if not bpy.app.background and not bpy.app.timers.is_registered(_tick):
        bpy.app.timers.register(_tick, first_interval=QUIET_S)


def refresh(context: Any) -> bool:
    """Begin to check again; return whether it was begun."""
    found = measured(context.scene)
    may = found is not None and found.reference is not None and found.reading_s <= MOST_S
    if not may or checking.is_running() or state_of(context).is_running:
        return False
    _now.is_reading = True
    try:
        check = Check(context)
    except LivescapeError:
        return False  # said when it is asked for
    finally:
        _now.is_reading = False
    if not check.is_known:
        check.stop()
        return False
    _now.check = check
    return True


def arrived(wait_s: float = 0.0) -> bool:
    """Keep what was found; return whether there is nothing more to come."""
    if _now.check is None:
        return True
    try:
        found = _now.check.poll(wait_s)
    except (Cancelled, LivescapeError):
        _now.check = None
        return True
    if found is None:
        return False
    keep(_now.check.scene_id, found)
    _now.check = None
    checking.redraw()
    return True


def stop() -> None:
    """Forget what is going on; its thread ends by itself."""
    if _now.check is not None:
        _now.check.stop()
    _now.check = None
    if bpy.app.timers.is_registered(_tick):
        bpy.app.timers.unregister(_tick)


def register() -> None:
    """Listen."""
    bpy.app.handlers.depsgraph_update_post.append(_scene_changed)


def unregister() -> None:
    """Undo :func:`register`."""
    bpy.app.handlers.depsgraph_update_post.remove(_scene_changed)
    stop()


@persistent
def _scene_changed(scene: bpy.types.Scene, depsgraph: bpy.types.Depsgraph) -> None:
    camera_changed(scene, depsgraph)


def _tick() -> float | None:
    if _now.check is not None:
        return None if arrived() else TICK_S
    rest = _now.changed + QUIET_S - time.monotonic()
    if rest > 0.0:
        return rest
    if reason_to_wait(bpy.context):  # a render above all: the scene's frame is set to read cameras
        return QUIET_S
    return TICK_S if refresh(bpy.context) else None


def _movers(scene: bpy.types.Scene) -> Iterator[bpy.types.ID]:
    """Yield all that moves the camera: it and its parents, its lens, and their actions."""
    item: Any = scene.camera
    if item is None:
        return
    owners: list[Any] = [item.data]
    while item is not None:
        owners.append(item)
        item = item.parent
    for owner in owners:
        yield owner
        animation = owner.animation_data
        if animation is not None and animation.action is not None:
            yield animation.action
