"""The server's handle on its worker: start, command, read events, kill."""

from __future__ import annotations

import errno
import json
import logging
import os
import queue
import signal
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import IO, Any

from livescape.server.logs import WORKER_LOG

LOGGER = logging.getLogger(__name__)

WORKER_LOGGER = logging.getLogger(WORKER_LOG)

MAX_LINE = 2**20
LONGEST_LOG_LINE = 2**12
STOP_TIMEOUT_S = 5.0


def worker_environment() -> dict[str, str]:
    """Return the environment of a worker.

    OpenMP reads its variables once, when torch is imported: waiting threads must sleep, or
    they would use up the processor while the other engine computes.
    """
    return {**os.environ, "OMP_WAIT_POLICY": "PASSIVE", "PYTHONUNBUFFERED": "1"}


def _start_options() -> dict[str, Any]:
    """Return options for a child without a console, which ignores the terminal's Ctrl-C."""
    if sys.platform == "win32":
        return {"creationflags": subprocess.CREATE_NO_WINDOW | subprocess.CREATE_NEW_PROCESS_GROUP}
    return {"start_new_session": True}


def _log(pipe: IO[bytes]) -> None:
    """Pass what a worker writes to the log on to ours, which rotates."""
    while line := pipe.readline(LONGEST_LOG_LINE):
        WORKER_LOGGER.info("%s", line.decode("utf-8", errors="replace").rstrip())


class WorkerProcess:
    """One worker process; once it has died, make a new object for another.

    Args:
        module: What it runs.
        arguments: Its options.
        variables: What its environment has beside ours.

    Raises:
        OSError: If the system has no room for another process or thread.
    """

    def __init__(
        self, module: str, arguments: Sequence[str], variables: Mapping[str, str] | None = None
    ) -> None:
        self._events: queue.SimpleQueue[dict[str, Any]] = queue.SimpleQueue()
        self._process = subprocess.Popen(
            [sys.executable, "-m", module, *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env={**worker_environment(), **(variables or {})},
            **_start_options(),
        )
        # Threads, because a pipe cannot be polled on Windows; they only pass lines on.
        self._readers = [
            threading.Thread(target=read, args=(pipe,), daemon=True)
            for read, pipe in ((self._read, self._process.stdout), (_log, self._process.stderr))
        ]
        try:
            for reader in self._readers:
                reader.start()
        except RuntimeError as error:  # no more threads
            self._process.kill()
            self._process.communicate()
            raise OSError(errno.EAGAIN, "there are too many threads") from error

    @property
    def pid(self) -> int:
        """Process id."""
        return self._process.pid

    @property
    def exit_code(self) -> int | None:
        """Exit code, None while it runs."""
        return self._process.poll()

    def wait(self) -> int | None:
        """Return the exit code of a process that is about to end, None if it takes too long."""
        try:
            return self._process.wait(STOP_TIMEOUT_S)
        except subprocess.TimeoutExpired:
            return None

    def _read(self, pipe: IO[bytes]) -> None:
        while line := pipe.readline(MAX_LINE):
            try:
                self._events.put(dict(json.loads(line)))
            except (ValueError, TypeError, RecursionError):
                LOGGER.warning("the worker wrote something unreadable: %.80r", line)
        self._events.put({"event": "gone"})

    def tell(self, **command: Any) -> None:
        """Send a command; :meth:`events` reports a worker that is gone."""
        pipe = self._process.stdin
        if pipe is None:
            return
        try:
            pipe.write(json.dumps(command).encode() + b"\n")
            pipe.flush()
        except OSError:
            LOGGER.warning("the worker %d no longer accepts commands", self.pid)

    def events(self) -> list[dict[str, Any]]:
        """Return what the worker has reported since the last call; ``gone`` comes last."""
        events = []
        while not self._events.empty():
            events.append(self._events.get())
        return events

    def kill(self) -> None:
        """End the process and whatever it has started."""
        if self._process.poll() is None:
            if sys.platform == "win32":
                self._process.kill()
            else:
                os.killpg(self.pid, signal.SIGKILL)
        if self.wait() is None:
            LOGGER.error("the worker %d cannot be stopped", self.pid)
            return
        for reader in self._readers:
            reader.join(STOP_TIMEOUT_S)
        for pipe in (self._process.stdin, self._process.stdout, self._process.stderr):
            if pipe is not None:
                with suppress(OSError):  # what it has not read must still be flushed
                    pipe.close()
