"""The child process that computes: one job at a time, controlled line by line.

JSON lines on standard input: ``{"do": "run", ...}``, ``{"do": "cancel", "run": name}``. JSON lines
on what was standard output: ``ready`` (for the next job), ``broken``, ``begun``,
``progress``, ``done``, ``failed``, ``cancelled``. Whatever else is written to standard output goes
to the log. When standard input ends, the server is dead and the process exits at once, in the
middle of a step if necessary.
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
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol, TextIO

import numpy as np

from livescape.server.failures import job_failure, load_failure
from livescape.server.results import ResultWriter, read_request
from livescape_shared.errors import Cancelled, LivescapeError
from livescape_shared.request import GenerateRequest

LOGGER = logging.getLogger(__name__)

ChunkParts = tuple[str, int, Mapping[str, Any], Mapping[str, Any]]
Generate = Callable[..., Any]
ResultChunks = Callable[[Any], Iterable[ChunkParts]]
LoadedJob = tuple[Generate, ResultChunks]


def load_job(spec: str) -> LoadedJob:
    """Return the function ``module:function`` and its module's ``result_chunks``.

    Raises:
        LivescapeError: ``backend_incomplete``, ``system_library_missing`` or ``backend_broken``.
    """
    module_name, _, function_name = spec.partition(":")
    try:
        module = importlib.import_module(module_name)
        return getattr(module, function_name or "generate"), module.result_chunks
    except Exception as error:  # whatever an import may raise
        raise load_failure(error) from error


def plain(value: Any) -> Any:
    """Convert the values in reports to ones that JSON can hold."""
    if isinstance(value, np.generic | np.ndarray):
        return value.tolist()
    if isinstance(value, Path):
        return str(value)
    message = f"a report cannot hold a {type(value).__name__}"
    raise TypeError(message)


class Channel:
    """The two pipes to and from the server."""

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
        """Send an event to the server."""
        line = json.dumps({"event": event, **values}, default=plain)
        self._events.write(line + "\n")
        self._events.flush()


class Ear(Protocol):
    """Hears what becomes of a run, and says whether it is to stop."""

    def say(self, event: str, **values: Any) -> None:
        """Hear of an event."""

    def cancelled(self, run: str) -> bool:
        """Return whether the run is to stop."""


class ProgressGate:
    """Passes a report on if its stage is new or the last report was long enough ago."""

    def __init__(
        self,
        channel: Ear,
        run: str,
        interval_s: float,
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._clock = clock
        self._channel = channel
        self._run = run
        self._interval_s = interval_s
        self._next_time = 0.0
        self.stage = ""

    def report(self, stage: str, step: int, total: int, fraction: float) -> None:
        """Pass a report on, or drop it because a newer one will follow."""
        now = self._clock()
        if stage == self.stage and now < self._next_time:
            return
        self.stage, self._next_time = stage, now + self._interval_s
        values = {"step": int(step), "total": int(total), "fraction": float(fraction)}
        self._channel.say("progress", run=self._run, stage=stage, **values)


class Unwritten:
    """The last result, if the disk had no room for it: the same job, sent again, needs no more."""

    def __init__(self) -> None:
        self._job = ""
        self._result: Any = None

    def keep(self, job: str, result: Any) -> None:
        """Keep the result of ``job`` in memory."""
        self._job, self._result = job, result

    def take(self, job: str) -> Any:
        """Return the result of ``job``, None if it is another's; it is forgotten either way."""
        result = self._result if self._job == job else None
        self._job, self._result = "", None
        return result


class Place(Protocol):
    """Where the request of a run comes from and its result goes."""

    def read(self) -> GenerateRequest:
        """Return the request."""

    def write(self, chunks: Iterable[ChunkParts]) -> Mapping[str, Any]:
        """Take the result; return what there is to add to ``done``."""


class FolderPlace:
    """The folder of the run, for a worker on the server's own machine."""

    def __init__(self, command: Mapping[str, Any]) -> None:
        self._folder = Path(command["folder"])
        self._job, self._free_bytes = command["job"], command["free_bytes"]

    def read(self) -> GenerateRequest:
        """Return the request in the folder."""
        return read_request(self._folder)

    def write(self, chunks: Iterable[ChunkParts]) -> Mapping[str, Any]:
        """Write the chunks into it."""
        writer = ResultWriter(self._folder, self._job, free_bytes=self._free_bytes)
        for kind, index, meta, arrays in chunks:
            writer.add(kind, index, meta, arrays)
        return {"chunks": writer.count, "size": writer.size, "digest": writer.digest}


def _compute(
    command: Mapping[str, Any],
    gate: ProgressGate,
    ear: Ear,
    load: LoadedJob,
    unwritten: Unwritten,
    place: Place,
) -> None:
    """Compute one job and hand over its chunks."""
    generate, result_chunks = load
    run = command["run"]

    def cancelled() -> bool:
        return ear.cancelled(run)

    def chunks() -> Iterator[ChunkParts]:
        for chunk in result_chunks(result):
            if cancelled():
                raise Cancelled
            yield chunk

    request = place.read()
    result = unwritten.take(command["job"])
    if result is None:
        result = generate(
            request, report=gate.report, cancelled=cancelled, cache_dir=Path(command["cache_dir"])
        )
    gate.stage = "result"
    try:
        written = place.write(chunks())
    except LivescapeError:
        unwritten.keep(command["job"], result)
        raise
    ear.say("done", run=run, **written, report=result.report)


def run_job(
    command: Mapping[str, Any],
    ear: Ear,
    load: LoadedJob,
    unwritten: Unwritten,
    place: Place | None = None,
) -> bool:
    """Compute one job and report how it ended.

    Args:
        command: The line that asked for it.
        ear: Hears how it goes.
        load: What computes, from :func:`load_job`.
        unwritten: The last result that could not be written.
        place: Where the request comes from and the result goes; by default the run's folder.

    Returns:
        Whether this process can be trusted with another job. It cannot after an unexpected
        exception, which is reported as ``job_crashed`` and leaves its traceback in the log; nor
        after a job that was cancelled in the middle of a call that cannot be stopped, which would
        keep computing beside the next one.
    """
    run = command["run"]
    gate = ProgressGate(ear, run, command["progress_interval_s"])
    ear.say("begun", run=run)
    try:
        _compute(command, gate, ear, load, unwritten, place or FolderPlace(command))
    except Cancelled as cancelled:
        ear.say("cancelled", run=run)
        if cancelled.unfinished:
            LOGGER.info("a call that nothing can stop is abandoned, and this process with it")
        return not cancelled.unfinished
    except Exception as error:
        failure, foreseen = job_failure(error)
        failure.at(gate.stage)
        LOGGER.warning("run %s failed: %s: %s", run, failure.code, failure, exc_info=not foreseen)
        ear.say("failed", run=run, error=failure.to_dict())
        return foreseen
    return True


def device_name() -> str:
    """Return what computes, once the pipeline has loaded torch; empty without it."""
    torch = sys.modules.get("torch")
    if torch is None:
        return ""
    return str(torch.cuda.get_device_name(0)) if torch.cuda.is_available() else "CPU"


def _device_memory() -> dict[str, int]:
    """Return total and free bytes of the graphics card; empty without one."""
    torch = sys.modules.get("torch")
    if torch is None or not torch.cuda.is_available():
        return {}
    free, total = torch.cuda.mem_get_info(0)
    return {"total": int(total), "free": int(free)}


def _versions() -> dict[str, str]:
    """Return the versions of the libraries that compute, as far as they are loaded."""
    found = {name: sys.modules.get(name) for name in ("torch", "numba", "gsplat")}
    return {name: str(getattr(each, "__version__", "")) for name, each in found.items() if each}


def claim_stdout() -> TextIO:
    """Return the pipe to the server and let everything else written to stdout go to the log."""
    pipe = os.dup(1)
    os.dup2(2, 1)
    return os.fdopen(pipe, "w", encoding="utf-8", newline="\n")


def _take_share(share: str) -> None:
    """Leave the other workers of this machine their part of the cores, where a system allows it.

    Args:
        share: ``1/4`` for the second of four workers.
    """
    number, workers = map(int, share.split("/"))
    if hasattr(os, "sched_setaffinity"):
        cores = sorted(os.sched_getaffinity(0))
        mine = cores[number::workers] if number < len(cores) else [cores[number % len(cores)]]
        os.sched_setaffinity(0, mine)


def main(argv: Sequence[str] | None = None) -> int:
    """Serve jobs until the server is gone."""
    parser = argparse.ArgumentParser(prog="livescape.server.worker")
    parser.add_argument("--job", required=True, help="module:function that computes")
    parser.add_argument("--share", default="0/1", help="which part of the cores is its own")
    arguments = parser.parse_args(argv)
    logging.basicConfig(level=logging.INFO, format="worker %(levelname)s %(message)s")
    channel = Channel(sys.stdin, claim_stdout())
    threading.Thread(target=channel.listen, daemon=True, name="commands").start()
    _take_share(arguments.share)  # before torch counts the cores
    try:
        load = load_job(arguments.job)
    except LivescapeError as error:
        LOGGER.exception("the backend cannot be loaded")
        channel.say("broken", error=error.to_dict())
        return 1
    device, versions = device_name(), _versions()
    unwritten = Unwritten()
    sound = True
    while sound:
        memory = _device_memory()
        channel.say("ready", device=device, device_memory=memory, versions=versions)
        sound = run_job(channel.runs.get(), channel, load, unwritten)
        gc.collect()
    os._exit(1)  # a call that nothing can stop would hold back the interpreter's own end


if __name__ == "__main__":
    sys.exit(main())
