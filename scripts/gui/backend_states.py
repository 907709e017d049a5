"""How the backend can stand, for pictures of its line: set by hand, drawn by the panel itself."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any

from rig import Rig

OLDER = "0.0.9"
WORK = SimpleNamespace(
    stage="Installing packages", fraction=0.4, line="Prepared 31 packages", is_cancelled=False
)


def standings(rig: Rig) -> list[tuple[str, str, dict[str, Any]]]:
    """Return name and label of what seldom happens, and what is found then."""
    line: Any = rig.addon("setting_up.line")
    silent = line.LivescapeError("server_unreachable", "The server does not answer.")
    older = rig.addon("setting_up.place").Installed("environment", OLDER, "CPU", 0, False)
    answer = line.Answer(rig.addon("setting_up.watch").__version__, "NVIDIA RTX 4090", 20 << 30)
    outdated = {"installed": older, "is_outdated": True, "has_python": True}
    return [
        ("interrupted", "Setting up was interrupted", {"is_interrupted": True}),
        ("older", "Another version", outdated),
        ("silent", "The server is silent", {"is_running": True, "error": silent}),
        ("elsewhere", "A server elsewhere", {"server": "studio", "answer": answer}),
        ("offline", "Online access is off", {"server": "studio", "is_allowed": False}),
    ]


@contextmanager
def standing(rig: Rig, found: dict[str, Any]) -> Iterator[None]:
    """Let panels draw that this was found."""
    watch: Any = rig.addon("setting_up.watch")
    facts = rig.addon("setting_up.line").Facts(watch.__version__, **found)
    before, watch.facts = watch.facts, lambda context: facts
    try:
        yield
    finally:
        watch.facts = before


@contextmanager
def setting_up(rig: Rig) -> Iterator[None]:
    """Let panels draw that the backend is being set up."""
    running: Any = rig.addon("setting_up.running")
    before, running.current = running.current, lambda: WORK
    try:
        yield
    finally:
        running.current = before
