"""How the backend stands, in one line with the one button that mends it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from livescape_shared.errors import LivescapeError
from livescape_shared.sizes import size_text

from .place import Installed

Level = Literal["off", "busy", "ready", "bad"]
"""Grey, amber, green, red."""


SET_UP, CANCEL, REPAIR = "set_up", "cancel_set_up", "set_up"
RESTART, ASK, PREFERENCES, ONLINE = "restart_server", "ask_server", "show_preferences", "online"


@dataclass(frozen=True)
class Answer:
    """What a server has said of itself.

    Attributes:
        version: Its Livescape version.
        device: What it computes on; empty if it does not know before its first scene.
        free: Free bytes of its memory; 0 if unknown.
    """

    version: str
    device: str
    free: int


@dataclass(frozen=True)
class Facts:
    """What was found at the last look.

    Attributes:
        version: The add-on's.
        installed: The environment that was set up.
        is_outdated: Whether that is not what the add-on brings.
        has_python: Whether the Python that would start the server is there.
        named: Whether the artist has named that Python, rather than having it set up.
        is_interrupted: Whether setting up was begun and not ended.
        is_busy: Whether another Blender sets up.
        server: Name of the server elsewhere that is chosen; empty for this computer.
        is_allowed: Whether that server may be reached by Blender's settings.
        is_running: Whether the server on this computer runs.
        answer: What the chosen server has said.
        error: Why it has not answered.
    """

    version: str
    installed: Installed | None = None
    is_outdated: bool = False
    has_python: bool = False
    named: bool = False
    is_interrupted: bool = False
    is_busy: bool = False
    server: str = ""
    is_allowed: bool = True
    is_running: bool = False
    answer: Answer | None = None
    error: LivescapeError | None = None


@dataclass(frozen=True)
class Line:
    """What is shown.

    Attributes:
        level: Its colour.
        text: A few words.
        operator: What the button does; empty if there is nothing to mend.
        button: The button's text.
    """

    level: Level
    text: str
    operator: str = ""
    button: str = ""


def line_of(
    facts: Facts, *, is_starting: bool = False, is_computing: bool = False, failed: str = ""
) -> Line:
    """Return the line for what was found.

    Args:
        facts: What was found.
        is_starting: Whether a generation waits for the server.
        is_computing: Whether a generation goes on, during which nobody looks.
        failed: Why the server did not start the last time; may be empty.
    """
    if is_starting or is_computing:
        where = f" {'to' if is_starting else 'on'} {facts.server}" if facts.server else ""
        return _working(where, is_starting)
    if facts.server:
        return _elsewhere(facts)
    if facts.is_running:
        return _running(facts)
    if facts.is_busy:
        return Line("busy", "Another Blender is setting up")
    if not facts.has_python:
        return _without_python(facts)
    if facts.is_outdated and facts.installed is not None and not facts.named:
        other = facts.installed.version
        which = "another build" if other == facts.version else other
        text = f"Other version: {which} is set up, {facts.version} is needed"
        return Line("busy", text, SET_UP, "Update")
    if failed:
        operator, button = (PREFERENCES, "Change") if facts.named else (REPAIR, "Repair")
        return Line("bad", failed, operator, button)
    device = facts.installed.device if facts.installed and not facts.named else ""
    return Line("ready", f"Ready: {device + ', ' if device else ''}starts with Generate")


def _working(where: str, is_starting: bool) -> Line:
    if is_starting:
        return Line("busy", f"Connecting{where}" if where else "Starting")
    return Line("ready", f"Computing{where}")


def _without_python(facts: Facts) -> Line:
    if facts.named:
        return Line("bad", "The Python that you named is not there", PREFERENCES, "Change")
    if facts.installed is not None:
        return Line("bad", "The Python that the backend needs is gone", REPAIR, "Repair")
    if facts.is_interrupted:
        return Line("off", "Setting up was interrupted", SET_UP, "Continue")
    return Line("off", "Not set up", SET_UP, "Set Up")


def _running(facts: Facts) -> Line:
    if facts.error is not None:
        return Line("bad", facts.error.message, ASK, "Try Again")
    if facts.answer is None:
        return Line("busy", "Starting")
    if facts.answer.version != facts.version:
        text = f"Other version: {facts.answer.version} runs, {facts.version} is needed"
        return Line("busy", text, RESTART, "Restart")
    own = facts.installed.device if facts.installed and not facts.named else ""
    return Line("ready", f"Ready: {_said(facts.answer, own)}")


def _elsewhere(facts: Facts) -> Line:
    if not facts.is_allowed:
        return Line("bad", f"{facts.server}: online access is off", ONLINE, "Allow Online Access")
    if facts.error is not None:
        return Line("bad", f"{facts.server}: {facts.error.message}", ASK, "Try Again")
    if facts.answer is None:
        return Line("busy", f"Connecting to {facts.server}")
    if facts.answer.version != facts.version:
        text = f"Other version: {facts.answer.version} on {facts.server}, {facts.version} here"
        return Line("busy", text, ASK, "Try Again")
    return Line("ready", f"Ready: {facts.server}, {_said(facts.answer)}")


def _said(answer: Answer, device: str = "") -> str:
    """Return what a server computes on, which it knows from its first scene on, and its memory."""
    free = f", {size_text(answer.free)} free" if answer.free else ""
    return f"{answer.device or device or 'running'}{free}"
