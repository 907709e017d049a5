"""The photo that moves in 2D: asked for beside Blender, shown until it is stopped.

While it is shown it follows the drawing: what was changed is asked for again by itself.
"""

from __future__ import annotations

import time
import traceback
from typing import Any

import bpy

from livescape_shared.errors import Cancelled, LivescapeError
from livescape_shared.request import MOTION

from ..bridge.sketch import Outline
from ..generate import status
from ..properties import state_of
from ..redraw import VIEW, redraw_viewports
from ..servers.choice import chosen_name
from ..undo_step import push_undo
from . import outcome
from .asking import AlreadyAsked, Asking, Shown
from .reference import stage_of
from .regions import add_regions
from .request import Plan, plan_of

TICK_S = 1 / 20
CALM_S = 0.6
"""How long a drawing must not have changed before it is asked for again."""

LOOK_S = 0.3
"""How often it is looked whether the drawing has changed."""

WAIT_S = 0.05

_drawn: tuple[int, int] | None = None
"""What the views were drawn for last: the moving photo and the number of its image."""

_told: tuple[Any, ...] = ()
"""What the sidebars were drawn for last."""

_asking: Asking | None = None
_shown: Shown | None = None
_preparing: Asking | None = None
_prepared: tuple[Any, ...] | None = None
"""The photo that the server was last told to look at."""

_next_look = 0.0
_changed: tuple[Plan, float] | None = None
_asked: Plan | None = None
"""What was asked for last: it is not asked for again by itself, even if nothing came of it."""


def shown_in(scene: bpy.types.Scene) -> Shown | None:
    """Return the moving photo of a scene, None if none is shown."""
    if _shown is not None and _shown.scene_id == scene.session_uid:
        return _shown
    return None


def is_asking() -> bool:
    """Whether a server is being asked."""
    return _asking is not None


def begin(context: Any, purpose: str) -> None:
    """Ask for a sketch of the scene of ``context``.

    Raises:
        LivescapeError: What is missing or wrong; nothing is asked then.
    """
    global _asking
    asking = Asking(context, purpose)
    if _asking is not None:
        _asking.stop()
    _asking = asking
    if purpose == MOTION:
        _note(asking.plan)


def prepare(context: Any) -> None:
    """Let the server on this computer look at the photo while the artist draws on it.

    What it learns it keeps, so that the first preview is there as soon as any other. Nothing is
    said of it, and nothing sent to other computers.
    """
    global _preparing, _prepared
    is_busy = _asking is not None or state_of(context).is_running
    if bpy.app.background or is_busy or chosen_name(context):
        return
    try:
        preparing = Asking(context, MOTION, known=_prepared)
    except (AlreadyAsked, LivescapeError):
        return
    _preparing, _prepared = preparing, preparing.plan.photo
    play()


def tick(context: Any, wait_s: float = 0.0) -> list[Outline] | Shown | None:
    """Take the answer if it is there: a moving photo is shown, outlines become regions.

    Raises:
        LivescapeError: There will be none.
        Cancelled: It was stopped.
    """
    global _asking, _shown
    if _asking is None:
        return None
    asking = _asking
    try:
        answer = asking.poll(wait_s)
    except (LivescapeError, Cancelled):
        _asking = None
        raise
    if answer is None:
        return None
    _asking = None
    if isinstance(answer, Shown):
        _shown = answer
    else:
        _start_from(context, asking.scene_id, answer)
    return answer


def _start_from(context: Any, scene_id: int, outlines: list[Outline]) -> None:
    """Add regions to the scene that asked for them, as one step of undo.

    Raises:
        LivescapeError: ``regions_missing``, or the codes of cameras.
    """
    scene = next((each for each in bpy.data.scenes if each.session_uid == scene_id), None)
    if scene is None or scene != context.scene:
        return  # deleted, or out of sight: it can be asked for again
    stage = stage_of(scene, context.evaluated_depsgraph_get())
    add_regions(scene, stage, outlines)
    push_undo(context, "Start from Sky and Water")


def finish(context: Any) -> list[Outline] | Shown:
    """Wait for the answer; for scripts, which have nothing else to do.

    Raises:
        LivescapeError: There will be none.
    """
    while (answer := tick(context, WAIT_S)) is None:
        pass
    return answer


def stop() -> None:
    """Show nothing and ask nothing."""
    global _asking, _shown, _preparing
    for asking in (_asking, _preparing):
        if asking is not None:
            asking.stop()
    _asking = _shown = _preparing = None
    if bpy.app.timers.is_registered(_play):
        bpy.app.timers.unregister(_play)
    redraw_viewports()


def play() -> None:
    """Go on by timer: take the answer, show image after image, follow the drawing."""
    if not bpy.app.timers.is_registered(_play):
        bpy.app.timers.register(_play, first_interval=TICK_S)


def _play() -> float | None:
    context = bpy.context
    try:
        _end_preparing()
        tick(context)
        _follow(context)
    except Cancelled:
        pass
    except LivescapeError as error:
        outcome.failed(error)
    except Exception as error:
        status.failed(state_of(context), status.fault(error), traceback.format_exc())
        stop()
        return None
    _redraw_if_changed(context)
    if _asking is None and _shown is None and _preparing is None:
        return None
    return TICK_S


def _end_preparing() -> None:
    """Forget the question that nobody waits for, once it is answered or has failed."""
    global _preparing
    try:
        if _preparing is not None and _preparing.poll() is not None:
            _preparing = None
    except (Cancelled, LivescapeError):
        _preparing = None


def _redraw_if_changed(context: Any) -> None:
    """Draw views when another image is due, and sidebars too when there is something to say."""
    global _drawn, _told
    told = (_asking is None, _shown, outcome.problem())
    if told != _told:
        _told, _drawn = told, None
        redraw_viewports()
        return
    due = None if _shown is None else (id(_shown), _shown.index())
    if due != _drawn:
        _drawn = due
        redraw_viewports(VIEW)


def _follow(context: Any) -> None:
    """Ask again once the drawing has changed and then rested."""
    global _next_look, _changed
    now = time.monotonic()
    scene = context.scene
    if scene is None or now < _next_look or _asking is not None or shown_in(scene) is None:
        return
    _next_look = now + LOOK_S
    try:
        plan = plan_of(scene, context.evaluated_depsgraph_get(), MOTION)
    except LivescapeError:
        return  # what is shown stays until there is something else to show
    if _changed is None or _changed[0] != plan:
        _changed = (plan, now)
    elif plan != _asked and now - _changed[1] > CALM_S:
        begin(context, MOTION)


def _note(plan: Plan) -> None:
    global _changed, _asked
    _changed, _asked = (plan, time.monotonic()), plan
