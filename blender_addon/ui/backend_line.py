"""How the backend stands: a coloured dot, a few words and the one button that mends it."""

from __future__ import annotations

import bpy

from .. import __package__ as base_package
from .. import compat
from ..properties import state_of
from ..setting_up import line, running, watch
from ..setting_up.line import Line
from ..setting_up.steps import Work
from ..translations.words import iface
from . import sections

COLOURS = {"off": "grey", "busy": "amber", "ready": "green", "bad": "red"}
START_FAILURES = ("server_start_failed",)
OPERATORS = {
    line.SET_UP: "livescape.set_up",
    line.RESTART: "livescape.restart_server",
    line.ASK: "livescape.ask_server",
    line.PREFERENCES: "preferences.addon_show",
    line.ONLINE: "extensions.userpref_allow_online",
}


def draw_line(
    layout: bpy.types.UILayout,
    context: bpy.types.Context,
    characters: int,
    *,
    in_preferences: bool = False,
) -> None:
    """Draw it; what is being set up takes its place meanwhile."""
    work = running.current()
    if work is not None:
        _draw_work(layout, work, characters)
        return
    now = current_line(context)
    column = layout.column(align=True)
    row = column.row()
    if now.level == "bad":
        row.alert = True
    sections.draw_text(row, now.text, compat.dot_icon(COLOURS[now.level]), characters)
    if now.operator and not (in_preferences and now.operator == line.PREFERENCES):
        button = column.row().operator(OPERATORS[now.operator], text=iface(now.button))
        if now.operator == line.PREFERENCES:
            button.module = base_package
    draw_outcome(layout, characters)


def current_line(context: bpy.types.Context) -> Line:
    """Return what was found last, as a line."""
    state = state_of(context)
    facts = watch.facts(context)
    if not watch.is_known() and not bpy.app.background:
        return Line("off", "Looking for the backend")
    failed = state.error_message if state.error_code in START_FAILURES else ""
    is_starting = state.is_running and state.stage == "starting"
    is_computing = state.is_running and not is_starting
    return line.line_of(facts, is_starting=is_starting, is_computing=is_computing, failed=failed)


def _draw_work(layout: bpy.types.UILayout, work: Work, characters: int) -> None:
    text = "Cancelling" if work.is_cancelled else work.stage
    column = layout.column()
    column.progress(factor=work.fraction, text=f"{iface(text)}  {work.fraction:.0%}")
    if work.line:
        column.label(text=work.line[:characters], translate=False)
    row = column.row()
    row.operator("livescape.open_log", icon="TEXT").log = "WORK"
    row.operator("livescape.cancel_set_up", icon="X")


def draw_outcome(layout: bpy.types.UILayout, characters: int) -> None:
    """Say how the last work ended, an error with what to do and the log."""
    outcome = running.outcome()
    if outcome is None or not outcome.text:
        return
    if outcome.error is None:
        sections.draw_text(layout, outcome.text, "INFO", characters)
        return
    error = outcome.error
    sections.draw_problem(layout, error.message, error.hint, error.code, characters)
    row = layout.row(align=True)
    row.operator("livescape.open_log", icon="TEXT").log = "WORK"
    row.operator("livescape.copy_set_up", icon="COPYDOWN")
