"""All that is known of an error, as text without private paths."""

from __future__ import annotations

import getpass
import platform
import re
from contextlib import suppress
from pathlib import Path

import bpy

from livescape_shared import __version__

from ..bridge.launcher import log_tail, startup_file
from ..properties import LivescapeState
from . import local_server


def error_details(state: LivescapeState) -> str:
    """Return the last error, the versions, where it happened and the end of the server's log."""
    log = local_server.log_file()
    parts = [
        f"{state.error_code}: {state.error_message} {state.error_hint}".strip(),
        _versions(),
        state.error_details,
        "Log of the server:",
        log_tail(startup_file(log)),
        log_tail(log),
    ]
    return without_private("\n".join(part for part in parts if part))


def details_of(said: str, log: Path) -> str:
    """Return what was said of an error, the versions and the end of a log."""
    parts = [said, _versions(), "Log:", log_tail(log)]
    return without_private("\n".join(part for part in parts if part))


def _versions() -> str:
    return (
        f"Livescape {__version__}, Blender {bpy.app.version_string}, "
        f"Python {platform.python_version()}, {platform.platform()}"
    )


def without_private(text: str) -> str:
    """Return text in which no folder of the user's and no name of the user appears."""
    folders = [Path.home(), Path(bpy.data.filepath).parent if bpy.data.filepath else None]
    for folder in folders:
        if folder is not None and len(folder.parts) > 1:
            for form in (str(folder), folder.as_posix()):
                text = text.replace(form, "~")
    text = re.sub(r"(?<![\w~])(?:[A-Za-z]:)?[\\/](?:[^\s:\"'<>|]+[\\/])+", ".../", text)
    with suppress(Exception):  # there may be no name
        user = getpass.getuser()
        if len(user) > 2:
            text = re.sub(rf"\b{re.escape(user)}\b", "user", text)
    return text
