"""What the panel shows: progress, the last error, a note."""

from __future__ import annotations

from livescape_shared.errors import LivescapeError

from ..properties import LivescapeState


def started(state: LivescapeState) -> None:
    """Show that a generation runs and forget what the last one left."""
    clear(state)
    state.is_running = True
    state.stage = "starting"


def progressed(state: LivescapeState, stage: str, fraction: float) -> None:
    """Show how far the generation is."""
    state.stage = stage
    state.fraction = min(max(fraction, 0.0), 1.0)


def failed(state: LivescapeState, error: LivescapeError) -> None:
    """Show why nothing was made."""
    clear(state)
    state.error_code = error.code
    state.error_message = error.message
    state.error_hint = error.hint


def finished(state: LivescapeState, note: str) -> None:
    """Show that all is well."""
    clear(state)
    state.note = note


def clear(state: LivescapeState) -> None:
    """Show nothing."""
    for name in ("is_running", "is_cancelling", "stage", "fraction", "note"):
        state.property_unset(name)
    for name in ("error_code", "error_message", "error_hint"):
        state.property_unset(name)
