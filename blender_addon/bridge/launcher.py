"""Finds the server of this user, or starts one, without ever waiting for it."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

from livescape_shared.connection import ALREADY_RUNNING, ServerInfo, published_server
from livescape_shared.errors import LivescapeError
from livescape_shared.processes import own_environment, process_alive
from livescape_shared.remote.access import Access

from .liveness import Timing

PORT_TIMEOUT_S = 0.2
RETRY_S = 5.0
"""How long a server that somebody else has started may take to publish itself, before another one
is tried."""

IDLE_S = 1800
"""Time after which a server that nobody uses gives its memory back."""

LOG_TAIL_LINES = 12
LOG_TAIL_BYTES = 16 * 1024


def find_server(state_dir: Path) -> ServerInfo | None:
    """Return the running server of ``state_dir``, None if there is none.

    Its process lives and its port is open, for the id in a dead server's file may belong to
    another process by now. Whether it also answers, the client finds out.
    """
    info = published_server(state_dir)
    if info is None or not process_alive(info.pid):
        return None
    return info if _port_open(info.endpoint) else None


def _port_open(endpoint: str) -> bool:
    address = urlsplit(endpoint)
    try:
        with socket.create_connection((address.hostname, address.port or 0), PORT_TIMEOUT_S):
            return True
    except (OSError, ValueError):
        return False


def _start_options() -> dict[str, Any]:
    """Return what detaches the server from Blender's console and its Ctrl-C."""
    if sys.platform == "win32":
        return {"creationflags": subprocess.CREATE_NO_WINDOW | subprocess.CREATE_NEW_PROCESS_GROUP}
    return {"start_new_session": True}


def start_server(
    python: Path, state_dir: Path, log_file: Path, *, arguments: Sequence[str] = ()
) -> subprocess.Popen[bytes]:
    """Start a server and return its process.

    Once this process has ended, the server ends as soon as nobody uses it.

    Args:
        python: Python of an environment with ``livescape[backend]``.
        state_dir: Where the server will publish its address.
        log_file: The server's log. What Python itself says goes into a file beside it.
        arguments: More options of ``livescape serve``.

    Raises:
        LivescapeError: ``server_start_failed``.
    """
    command = [str(python), "-m", "livescape.server", "--state-dir", str(state_dir)]
    command += ["--parent-pid", str(os.getpid()), "--idle-shutdown", str(IDLE_S)]
    command += ["--log-file", str(log_file), *arguments]
    try:
        log_file.parent.mkdir(parents=True, exist_ok=True)
        with startup_file(log_file).open("wb") as log:
            return subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                env=own_environment(os.environ),
                **_start_options(),
            )
    except OSError as error:
        raise LivescapeError(
            "server_start_failed",
            f"The Livescape server cannot be started with {python}: {error.strerror}.",
            hint="Choose the Python of the Livescape backend in the add-on's preferences.",
        ) from error


def startup_file(log_file: Path) -> Path:
    """Return the file that says why a server did not get as far as its log."""
    return log_file.with_name(f"{log_file.stem}-start{log_file.suffix}")


def log_tail(log_file: Path) -> str:
    """Return the last lines of a log, empty if there is none."""
    try:
        with log_file.open("rb") as stream:
            size = stream.seek(0, os.SEEK_END)
            stream.seek(max(0, size - LOG_TAIL_BYTES))
            text = stream.read().decode("utf-8", errors="replace")
    except OSError:
        return ""
    return "\n".join(text.splitlines()[-LOG_TAIL_LINES:])


@dataclass(frozen=True)
class LaunchStatus:
    """How a launch stands.

    Attributes:
        state: ``starting``, ``ready`` or ``failed``.
        info: How to enter the server, once it is ready.
        error: ``server_start_failed``, if it failed.
        details: Last lines of the log, if it failed.
    """

    state: Literal["starting", "ready", "failed"]
    info: Access | None = None
    error: LivescapeError | None = None
    details: str = ""


class Launch:
    """Brings a server up: uses the one that runs, else starts one. Call :meth:`poll` until ready.

    Args:
        python: Python of an environment with ``livescape[backend]``; None if only a server that
            runs already can be used.
        state_dir: State folder of the server.
        log_file: The server's log.
        arguments: More options of ``livescape serve``.
        timeout_s: Time the server has to publish its address.
        clock: Monotonic time in seconds.
    """

    client_name = "Blender"
    timing = Timing()
    encoding: str | None = None
    """As the client thinks best."""

    def __init__(
        self,
        python: Path | None,
        state_dir: Path,
        log_file: Path,
        *,
        arguments: Sequence[str] = (),
        timeout_s: float = 60.0,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._python = python
        self._state_dir = state_dir
        self._log_file = log_file
        self._arguments = tuple(arguments)
        self._timeout_s = timeout_s
        self._clock = clock
        self._deadline: float | None = None
        self._next = 0.0
        self._failure: LaunchStatus | None = None
        self.process: subprocess.Popen[bytes] | None = None

    def poll(self) -> LaunchStatus:
        """Return how it stands; the first call starts the server if none runs."""
        if self._failure is not None:
            return self._failure
        try:
            info = find_server(self._state_dir)
            if info is not None:
                return LaunchStatus("ready", info)
            if self._python is None:
                return self._fail(self._failed("has ended"))
            if self._deadline is None:
                self._deadline = self._clock() + self._timeout_s
            if self.process is None and self._clock() >= self._next:
                self.process = start_server(
                    self._python, self._state_dir, self._log_file, arguments=self._arguments
                )
        except LivescapeError as error:
            return self._fail(error)
        exit_code = self.process.poll() if self.process is not None else None
        if exit_code == ALREADY_RUNNING:  # another Blender was quicker, or an errand of this one
            self.process, self._next = None, self._clock() + RETRY_S
        elif exit_code is not None:
            return self._fail(self._failed(f"stopped while starting (exit code {exit_code})"))
        if self._clock() > self._deadline:
            if self.process is not None:
                self.process.kill()
                self.process.wait()
            return self._fail(self._failed(f"was not ready after {self._timeout_s:.0f} seconds"))
        return LaunchStatus("starting")

    def locate(self) -> ServerInfo | None:
        """Return the server that runs now, None if none does."""
        return find_server(self._state_dir)

    def again(self) -> Launch | None:
        """Return a launch that brings up a server for one that was lost, None if it cannot."""
        if self._python is None:
            return None
        return Launch(
            self._python,
            self._state_dir,
            self._log_file,
            arguments=self._arguments,
            timeout_s=self._timeout_s,
            clock=self._clock,
        )

    def _failed(self, what: str) -> LivescapeError:
        return LivescapeError(
            "server_start_failed",
            f"The Livescape server {what}.",
            hint=f"The reason is in the log {startup_file(self._log_file)}.",
            retryable=True,
        )

    def _fail(self, error: LivescapeError) -> LaunchStatus:
        said = log_tail(startup_file(self._log_file))
        self._failure = LaunchStatus("failed", None, error, said)
        return self._failure
