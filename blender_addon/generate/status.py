"""What the panel shows: progress, the last error, a note."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from livescape_shared.errors import LivescapeError

from ..properties import LivescapeState
from . import remaining

_PROGRESS = (
    "is_running",
    "is_cancelling",
    "stage",
    "fraction",
    "owner",
    "note",
    "warnings",
    "elapsed",
    "left",
)
_ERROR = ("error_code", "error_message", "error_hint", "error_details")


def shown(state: LivescapeState) -> tuple[Any, ...]:
    """Return all that the panel shows, to tell whether it must be drawn again."""
    values = {name: getattr(state, name) for name in _PROGRESS + _ERROR}
    return tuple({**values, "fraction": round(state.fraction, 3)}.values())


def started(state: LivescapeState) -> None:
    """Show that a generation runs and forget what the last one left."""
    clear(state)
    state.is_running = True
    state.stage = "starting"


def progressed(state: LivescapeState, stage: str, fraction: float, owner: str = "") -> None:
    """Show how far the generation is, and for which other file if it is not for the open one."""
    state.is_running = True
    state.stage = stage
    state.fraction = min(max(fraction, 0.0), 1.0)
    state.owner = owner


def timed(state: LivescapeState, elapsed_s: float, left_s: float | None) -> None:
    """Show how long it has taken, and how long it still takes if that is known."""
    state.elapsed = remaining.clock_time(elapsed_s)
    state.left = remaining.in_words(left_s)


def failed(state: LivescapeState, error: LivescapeError, details: str = "") -> None:
    """Show why nothing was made."""
    clear(state)
    state.error_code = error.code
    state.error_message = error.message
    state.error_hint = error.hint
    state.error_details = details


def finished(state: LivescapeState, note: str, warnings: Sequence[str] = ()) -> None:
    """Show that all is well, and what to look at nevertheless."""
    clear(state)
    state.note = note
    state.warnings = "\n".join(warnings)


def rendered(state: LivescapeState, lacking: str) -> None:
    """Show what the render that begins lacks; what else is shown stays."""
    if state.lacking != lacking:
        state.lacking = lacking


def clear(state: LivescapeState) -> None:
    """Show nothing."""
    for name in _PROGRESS + _ERROR:
        state.property_unset(name)


def fault(error: BaseException) -> LivescapeError:
    """Return what an exception that nobody expected means to an artist."""
    return LivescapeError(
        "addon_fault",
        f"Livescape stopped because of a fault of its own ({type(error).__name__}).",
        hint="Press Copy Details and report what it copies. Your scene is as it was.",
    )
