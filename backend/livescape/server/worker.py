"""The child process that computes: one job at a time, told what to do line by line.

JSON lines on standard input: ``{"do": "run", ...}``, ``{"do": "cancel", "run": name}``. JSON lines
on what was standard output: ``ready``, ``broken``, ``progress``, ``done``, ``failed``,
``cancelled``. Whatever else is written to standard output goes to the log. When standard input
ends, the server is dead and the process leaves at once, in the middle of a step if need be.
"""

from __future__ import annotations

import argparse
import gc
import importlib
import json
import logging
import os
import queue
import sys
import threading
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, TextIO

import numpy as np

from livescape.server.framefile import disk_full
from livescape.server.results import ResultWriter, read_request
from livescape_shared.errors import Cancelled, LivescapeError
from livescape_shared.files import NO_SPACE

LOGGER = logging.getLogger(__name__)

ChunkParts = tuple[str, int, Mapping[str, Any], Mapping[str, Any]]
Generate = Callable[..., Any]
ResultChunks = Callable[[Any], Iterable[ChunkParts]]


def load_job(spec: str) -> tuple[Generate, ResultChunks]:
    """Return the function ``module:function`` and its module's ``result_chunks``.

    Raises:
        LivescapeError: ``backend_incomplete`` if a package is missing.
    """
    module_name, _, function_name = spec.partition(":")
    try:
        module = importlib.import_module(module_name)
    except ImportError as error:
        raise LivescapeError(
            "backend_incomplete",
            f"The compute backend cannot be loaded: {error}.",
            hint="Install it with: pip install 'livescape[backend]'.",
        ) from error
    return getattr(module, function_name or "generate"), module.result_chunks


def _plain(value: Any) -> Any:
    """Return what JSON can hold for the values that reports contain."""
    if isinstance(value, np.generic | np.ndarray):
        return value.tolist()
    if isinstance(value, Path):
        return str(value)
    message = f"a report cannot hold a {type(value).__name__}"
    raise TypeError(message)


class Channel:
    """The two ends of the conversation with the server."""

    def __init__(self, commands: TextIO, events: TextIO) -> None:
        self._commands = commands
        self._events = events
        self._cancelled: set[str] = set()
        self.runs: queue.SimpleQueue[dict[str, Any]] = queue.SimpleQueue()

    def listen(self) -> None:
        """Read commands until the server is gone, then end the process; runs in a thread."""
        for line in self._commands:
            command = json.loads(line)
            if command["do"] == "cancel":
                self._cancelled.add(command["run"])
            else:
                self.runs.put(command)
        os._exit(0)  # a blocked main thread must not outlive the server

    def cancelled(self, run: str) -> bool:
        """Return whether the server wants the run to stop; the same job may run again later."""
        return run in self._cancelled

    def say(self, event: str, **values: Any) -> None:
        """Tell the server."""
        line = json.dumps({"event": event, **values}, default=_plain)
        self._events.write(line + "\n")
        self._events.flush()


class ProgressGate:
    """Lets a report through when its stage is new or the last one is long enough ago."""

    def __init__(self, channel: Channel, run: str, interval_s: float) -> None:
        self._channel = channel
        self._run = run
        self._interval_s = interval_s
        self._stage = ""
        self._next_time = 0.0

    def report(self, stage: str, step: int, total: int, fraction: float) -> None:
        """Pass a report on, or drop it because a newer one will follow."""
        now = time.monotonic()
        if stage == self._stage and now < self._next_time:
            return
        self._stage, self._next_time = stage, now + self._interval_s
        values = {"step": int(step), "total": int(total), "fraction": float(fraction)}
        self._channel.say("progress", run=self._run, stage=stage, **values)


def _out_of_memory(error: MemoryError | RuntimeError) -> LivescapeError | None:
    """Return the error to show if ``error`` means that memory ran out (torch has its own ways)."""
    known = isinstance(error, MemoryError) or type(error).__name__ == "OutOfMemoryError"
    if not known and "can't allocate memory" not in str(error):
        return None
    return LivescapeError(
        "out_of_memory",
        "The scene does not fit into the memory of this machine.",
        hint="Choose a smaller preset, a smaller working size or fewer Gaussians.",
    )


def _run(
    command: Mapping[str, Any], channel: Channel, generate: Generate, result_chunks: ResultChunks
) -> None:
    """Compute one job and write its chunks."""
    run, folder = command["run"], Path(command["folder"])
    gate = ProgressGate(channel, run, command["progress_interval_s"])

    def cancelled() -> bool:
        return channel.cancelled(run)

    request = read_request(folder)
    result = generate(
        request, report=gate.report, cancelled=cancelled, cache_dir=Path(command["cache_dir"])
    )
    writer = ResultWriter(folder, command["job"], free_bytes=command["free_bytes"])
    for kind, index, meta, arrays in result_chunks(result):
        if cancelled():
            raise Cancelled
        writer.add(kind, index, meta, arrays)
    channel.say("done", run=run, chunks=writer.count, report=result.report)


def run_job(
    command: Mapping[str, Any], channel: Channel, generate: Generate, result_chunks: ResultChunks
) -> None:
    """Compute one job and tell how it ended.

    An exception that is nobody's plan is told as ``job_crashed`` and then raised: it ends the
    process, whose state nobody can vouch for, and leaves its traceback in the log.
    """
    run = command["run"]
    try:
        _run(command, channel, generate, result_chunks)
    except Cancelled:
        channel.say("cancelled", run=run)
    except LivescapeError as error:
        LOGGER.warning("run %s failed: %s: %s", run, error.code, error)
        channel.say("failed", run=run, error=error.to_dict())
    except Exception as error:
        known = _explained(error)
        channel.say("failed", run=run, error=(known or _crashed(error)).to_dict())
        if known is None:
            raise


def _explained(error: Exception) -> LivescapeError | None:
    if isinstance(error, MemoryError | RuntimeError):
        return _out_of_memory(error)
    if isinstance(error, OSError) and error.errno in NO_SPACE:
        return disk_full(Path(error.filename or "."))
    return None


def _crashed(error: Exception) -> LivescapeError:
    fault = f"{type(error).__name__}: {error}"[:200]
    return LivescapeError(
        "job_crashed",
        f"The generation stopped because of a fault in Livescape ({fault}).",
        hint="Please report it with the server's log.",
    )


def _device() -> str:
    """Return what computes, once the pipeline has loaded torch; empty without it."""
    torch = sys.modules.get("torch")
    if torch is None:
        return ""
    return str(torch.cuda.get_device_name(0)) if torch.cuda.is_available() else "CPU"


def _claim_stdout() -> TextIO:
    """Return the pipe to the server and let everything else written to stdout go to the log."""
    pipe = os.dup(1)
    os.dup2(2, 1)
    return os.fdopen(pipe, "w", encoding="utf-8", newline="\n")


def main(argv: Sequence[str] | None = None) -> int:
    """Serve jobs until the server is gone."""
    parser = argparse.ArgumentParser(prog="livescape.server.worker")
    parser.add_argument("--job", required=True, help="module:function that computes")
    arguments = parser.parse_args(argv)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s worker %(levelname)s %(message)s")
    channel = Channel(sys.stdin, _claim_stdout())
    threading.Thread(target=channel.listen, daemon=True, name="commands").start()
    try:
        generate, result_chunks = load_job(arguments.job)
    except LivescapeError as error:
        LOGGER.exception("the backend cannot be loaded")
        channel.say("broken", error=error.to_dict())
        return 1
    channel.say("ready", device=_device())
    while True:
        run_job(channel.runs.get(), channel, generate, result_chunks)
        gc.collect()


if __name__ == "__main__":
    sys.exit(main())
