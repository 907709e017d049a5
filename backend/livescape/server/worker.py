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
import json
import logging
import os
import queue
import sys
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any, TextIO

import numpy as np

from livescape.server.computing import Unwritten, load_job, run_job
from livescape_shared.errors import LivescapeError

LOGGER = logging.getLogger(__name__)


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
