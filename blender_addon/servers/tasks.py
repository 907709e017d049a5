"""What is done beside Blender, mostly asking servers, and how it went: kept here, in no file."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import bpy

from livescape_shared.errors import LivescapeError

from ..bridge.errand import Errand
from ..redraw import redraw_panels

TICK_S = 0.1
ADDING = "/adding"
"""Stands for the server that is being paired with; no server is called that."""


@dataclass(frozen=True)
class Outcome:
    """How it went.

    Attributes:
        text: One line or more; may be empty.
        error: What went wrong, if anything did.
    """

    text: str = ""
    error: LivescapeError | None = None


@dataclass(frozen=True)
class _Task:
    errand: Errand[Any]
    told: Callable[[Any], str]


_tasks: dict[str, _Task] = {}
_outcomes: dict[str, Outcome] = {}


def begin(about: str, call: Callable[[], Any], told: Callable[[Any], str]) -> None:
    """Do something beside Blender.

    Args:
        about: Name of the server that is asked, empty for this computer; or what else it is about.
        call: What to do; it may wait, and touches nothing of Blender's.
        told: Makes a line of what ``call`` returns, in Blender's own thread.
    """
    _outcomes.pop(about, None)
    _tasks[about] = _Task(Errand(call), told)
    if not bpy.app.background and not bpy.app.timers.is_registered(tick):
        bpy.app.timers.register(tick, first_interval=TICK_S)


def is_busy(about: str) -> bool:
    """Return whether something is going on."""
    return about in _tasks


def outcome(about: str) -> Outcome | None:
    """Return how the last thing went, None if nothing was begun or it goes on."""
    return _outcomes.get(about)


def forget(about: str) -> None:
    """Forget how it went."""
    _outcomes.pop(about, None)


def tick() -> float | None:
    """Note what has ended; return when to call again."""
    for about in list(_tasks):
        _look(about, 0.0)
    redraw_panels()
    return TICK_S if _tasks else None


def wait(about: str) -> Outcome:
    """Return how it went, however long that takes; for scripts, which have nothing else to do."""
    while about in _tasks:
        _look(about, TICK_S)
    return _outcomes[about]


def stop() -> None:
    """Forget everything; threads end by themselves."""
    _tasks.clear()
    _outcomes.clear()
    if bpy.app.timers.is_registered(tick):
        bpy.app.timers.unregister(tick)


def _look(about: str, wait_s: float) -> None:
    task = _tasks[about]
    try:
        result = task.errand.poll(wait_s)
        if result is None:
            return
        _outcomes[about] = Outcome(task.told(result))
    except LivescapeError as error:
        _outcomes[about] = Outcome(str(error), error)
    del _tasks[about]
