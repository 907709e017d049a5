"""What the last thing done about motion came to: kept here, in no file."""

from __future__ import annotations

from livescape_shared.errors import LivescapeError

_problem: LivescapeError | None = None


def failed(error: LivescapeError) -> None:
    """Show why nothing was done."""
    global _problem
    _problem = error


def cleared() -> None:
    """Show nothing."""
    global _problem
    _problem = None


def problem() -> LivescapeError | None:
    """Return why the last thing was not done, None if it was."""
    return _problem
