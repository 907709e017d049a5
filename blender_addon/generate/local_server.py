"""The server on this computer: the one that runs, or one that ends with Blender.

Talks over loopback only, so Blender's online access setting does not apply.
"""

from __future__ import annotations

import subprocess
from pathlib import Path

import bpy

from livescape_shared.connection import default_state_dir

from .. import __package__ as base_package
from ..bridge.launcher import Launch, find_server
from ..preferences import backend_python

LOG_FILE = "server.log"
STOP_TIMEOUT_S = 5.0

_started: list[subprocess.Popen[bytes]] = []


def prepare_launch(context: bpy.types.Context) -> Launch:
    """Return what finds the running server or starts one; nothing is started yet.

    Raises:
        LivescapeError: ``backend_missing`` or ``connection_file_invalid``.
    """
    state_dir = default_state_dir()
    running = find_server(state_dir) is not None
    python = Path() if running else backend_python(context)
    logs = bpy.utils.extension_path_user(base_package, path="logs", create=True)
    return Launch(python, state_dir, Path(logs) / LOG_FILE)


def remember(launch: Launch) -> None:
    """Keep the process that a launch started, so that it can be stopped with the add-on."""
    if launch.process is not None and launch.process not in _started:
        _started.append(launch.process)


def stop_started() -> None:
    """End the servers that this Blender started; called when the add-on is disabled."""
    while _started:
        process = _started.pop()
        process.terminate()
        try:
            process.wait(STOP_TIMEOUT_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
