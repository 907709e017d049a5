"""Work that is a list of child processes, done in a thread; what is seen of it are plain values."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
import traceback
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from livescape_shared.errors import Cancelled, LivescapeError
from livescape_shared.files import output_refusal

from .failures import failure_of

KEPT_LINES = 60
LONGEST_LINE = 2**16
STOP_S = 3.0


class Work:
    """Something that takes minutes, in a thread of its own; subclasses say what.

    Args:
        log: File that everything said goes to; an older one is replaced.

    Attributes:
        log: That file.
        stage: What is being done, for a panel.
        fraction: How much is done, 0 to 1.
        line: What was said last.
        error: Why it ended without a result; ``Cancelled`` if it was cancelled. Where a
            fault has happened is in the log.
    """

    def __init__(self, log: Path) -> None:
        self.log = log
        self._process: subprocess.Popen[bytes] | None = None
        self._cancelled = threading.Event()
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run, name="Livescape set up", daemon=True)
        self.stage, self.fraction, self.line = "Starting", 0.0, ""
        self.error: BaseException | None = None

    @property
    def is_over(self) -> bool:
        """Whether it has ended, one way or another."""
        return self._over.is_set()

    @property
    def is_cancelled(self) -> bool:
        """Whether somebody has asked for the end."""
        return self._cancelled.is_set()

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def cancel(self) -> None:
        """Ask for the end; the child process is ended at once."""
        self._cancelled.set()
        process = self._process
        if process is not None:
            end(process)

    def wait(self, timeout_s: float) -> bool:
        """Wait for the end, no longer than this; return whether it has come."""
        return self._over.wait(timeout_s)

    def stop(self) -> None:
        """Cancel, and wait a moment for the thread."""
        self.cancel()
        if self._thread.is_alive():
            self._thread.join(STOP_S)

    def do(self) -> None:
        """Do it all.

        Raises:
            LivescapeError: Why it cannot be done.
            Cancelled: If it was cancelled.
        """
        raise NotImplementedError

    def begin(self, stage: str, fraction: float) -> None:
        """Note what begins.

        Raises:
            Cancelled: If it was cancelled meanwhile.
        """
        if self._cancelled.is_set():
            raise Cancelled
        self.stage, self.fraction = stage, fraction
        self._write(f"== {stage}")

    def run(
        self,
        command: Sequence[str],
        variables: Mapping[str, str],
        *,
        heard: Callable[[str], None] = lambda line: None,
        is_online: bool = True,
        failure: Callable[[Sequence[str]], LivescapeError] | None = None,
    ) -> list[str]:
        """Run a command to its end and return its last lines.

        Args:
            command: What to run.
            variables: Its whole environment.
            heard: Called with every line that it says, from this thread.
            is_online: Whether it may use the network.
            failure: Makes the error of its last lines; by default :func:`failure_of`.

        Raises:
            LivescapeError: What its output means, if it fails.
            Cancelled: If it was cancelled.
        """
        self._write(f"$ {' '.join(command)}")
        said: deque[str] = deque(maxlen=KEPT_LINES)
        try:
            process = subprocess.Popen(
                list(command),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                cwd=self.log.parent,
                env=dict(variables),
                **_apart(),
            )
        except OSError as error:
            said.append(
                f"error: {Path(command[0]).name}: {error.strerror} (os error {error.errno})"
            )
            self._write(said[-1])
            raise failure_of(said, is_online=is_online) from error
        with process:
            self._process = process
            if self._cancelled.is_set():  # before there was anything to end
                end(process)
            self._listen(process, said, heard)
        self._process = None
        if self._cancelled.is_set():
            raise Cancelled
        if process.returncode < 0 and not said:
            said.append(f"error: ended by signal {-process.returncode}")
        if process.returncode:
            raise failure(said) if failure else failure_of(said, is_online=is_online)
        return list(said)

    def _listen(
        self, process: subprocess.Popen[bytes], said: deque[str], heard: Callable[[str], None]
    ) -> None:
        assert process.stdout is not None
        for data in process.stdout:
            line = data.decode("utf-8", errors="replace").rstrip()[:LONGEST_LINE]
            if not line:
                continue
            said.append(line)
            self.line = line.strip()
            self._write(line)
            heard(line)

    def _run(self) -> None:
        try:
            self.log.parent.mkdir(parents=True, exist_ok=True)
            self.log.write_text("", encoding="utf-8")
            self.do()
        except LivescapeError as error:
            self.error = error
        except OSError as error:
            self.error = output_refusal(Path(error.filename or self.log), error)
        except Cancelled as error:
            self.error = error
        except BaseException as error:
            self.error = error
            self._write(traceback.format_exc())
        finally:
            self._process = None
            self._write(f"== {self.error or 'Done'}")
            self._over.set()

    def _write(self, line: str) -> None:
        with suppress(OSError), self.log.open("a", encoding="utf-8") as stream:
            stream.write(f"{time.strftime('%H:%M:%S')} {line}\n")


def _apart() -> dict[str, Any]:
    """Return what starts a command in a group of its own, without a window."""
    if sys.platform == "win32":
        return {"creationflags": subprocess.CREATE_NO_WINDOW | subprocess.CREATE_NEW_PROCESS_GROUP}
    return {"start_new_session": True}


def tree_end(pid: int) -> list[str]:
    """Return the command by which Windows ends a process and all that it has started."""
    return ["taskkill", "/T", "/F", "/PID", str(pid)]


def end(process: subprocess.Popen[bytes]) -> None:
    """End a command and all that it has started."""
    if process.poll() is not None:
        return
    if sys.platform == "win32":
        with suppress(OSError):
            subprocess.run(tree_end(process.pid), capture_output=True, check=False, **_apart())
    else:
        with suppress(OSError):
            os.killpg(process.pid, signal.SIGKILL)
    with suppress(OSError):
        process.kill()
