"""The server on this computer: the one that runs, or one that Blender starts.

One that Blender has started ends with Blender, or later if others still use it.

Talks over loopback only, so Blender's online access setting does not apply.
"""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import bpy

from livescape_shared.connection import default_state_dir
from livescape_shared.errors import LivescapeError

from ..bridge.launcher import Launch, find_server
from ..bridge.remote import RemoteLaunch
from ..setting_up.python import backend_python
from ..user_folder import user_folder

LOG_FILE = "server.log"
_started: list[subprocess.Popen[bytes]] = []


def prepare_launch(context: bpy.types.Context) -> Launch:
    """Return what finds the running server or starts one; nothing is started yet.

    Raises:
        LivescapeError: ``backend_missing`` or ``backend_outdated``.
    """
    state_dir = default_state_dir()
    try:
        python = backend_python(context)
    except LivescapeError:
        if find_server(state_dir) is None:
            raise
        python = None
    return Launch(python, state_dir, log_file())


def log_file() -> Path:
    """Return the log of a server that this Blender starts."""
    return user_folder("logs", create=True) / LOG_FILE


def remember(launch: Launch | RemoteLaunch) -> None:
    """Keep the process that a launch started, so that it can be let go with the add-on."""
    if launch.process is not None and launch.process not in _started:
        _started.append(launch.process)


def let_go() -> None:
    """Let the servers that this Blender started end as soon as nobody else uses them.

    Called when the add-on is disabled. On Windows they end after this Blender has.
    """
    while _started:
        process = _started.pop()
        if process.poll() is None and sys.platform != "win32":
            process.send_signal(signal.SIGHUP)
