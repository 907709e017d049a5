"""The process through which the server uses a Ray cluster; controlled line by line like a worker.

Each line names the ``lane`` that it is about. ``{"do": "run"}`` starts a task, ``cancel`` asks it
to stop, ``drop`` ends it. Beside a worker's events, ``waiting`` says that the cluster has had no
room for a job yet, ``gone`` that the process or the node that computed it has died, and ``alive``,
which is about no lane, that this process has not. When standard input ends, the server is dead and
this process exits at once, upon which Ray ends its tasks.
"""

from __future__ import annotations

import argparse
import json
import logging
import math
import os
import socket
import sys
import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, TextIO

import ray
from ray.exceptions import RayError, RayTaskError, TaskCancelledError

from livescape.server.cluster_task import compute
from livescape.server.framefile import read_frames
from livescape.server.results import REQUEST_FILE, ResultWriter
from livescape.server.worker import claim_stdout, plain
from livescape_shared import __version__
from livescape_shared.errors import LivescapeError

LOGGER = logging.getLogger(__name__)

SIGN_S = 5.0
KNOCK_S = 5.0
TRIES = 3
PAUSE_S = 2.0
LAST_WORDS = ("done", "failed", "cancelled")
UNREAD_ITEMS = 16
"""Items of a task that may wait for this process, before the task waits for it."""


class _Server:
    """The pipe to the server."""

    def __init__(self, pipe: TextIO) -> None:
        self._pipe = pipe
        self._lock = threading.Lock()

    def say(self, event: str, **values: Any) -> None:
        """Send an event."""
        line = json.dumps({"event": event, **values}, default=plain)
        with self._lock:
            self._pipe.write(line + "\n")
            self._pipe.flush()


class _Lane:
    """One task of the cluster, followed in a thread of its own.

    Args:
        server: Hears what becomes of it.
        number: The lane.
        connected: What a lane says when it can take a job.
    """

    def __init__(self, server: _Server, number: int, connected: dict[str, Any]) -> None:
        self._server = server
        self._number = number
        self._connected = connected
        self._items: Any = None
        self._cancelled = False
        self.waits = True

    def say(self, event: str, **values: Any) -> None:
        """Tell the server something about this lane."""
        self._server.say(event, lane=self._number, **values)

    def cancel(self, *, force: bool) -> None:
        """Let the task stop at its next step, or at once by ending its process."""
        self._cancelled = True
        if self._items is not None:
            with suppress(RayError, ValueError):
                ray.cancel(self._items, force=force)

    def follow(self, command: dict[str, Any], task: Any, spec: str) -> None:
        """Start the task and pass on what comes of it, until it has ended."""
        run = command["run"]
        try:
            frames = [bytes(frame) for frame in read_frames(Path(command["folder"]) / REQUEST_FILE)]
            self._items = task.remote(command, frames, spec, __version__)
            if self._cancelled:
                self.cancel(force=False)
            over = self._receive(command)
        except LivescapeError as error:
            over = True
            self.cancel(force=False)
            self.say("failed", run=run, error=error.to_dict())
        except RayError as error:
            over = self._on_error(run, error)
        if not over and self._cancelled:
            over = True
            self.say("cancelled", run=run)
        self.say(**(self._connected if over else {"event": "gone"}))

    def _on_error(self, run: str, error: RayError) -> bool:
        """Note how a task has ended otherwise than by its own last word.

        Returns:
            Whether the job has ended with it. It has not if its process, its node or what it had
            made is gone, or if it was cancelled at the cluster.
        """
        cancelled = self._cancelled or isinstance(error, TaskCancelledError)
        if isinstance(error, RayTaskError) and not cancelled:
            self.say("failed", run=run, error=_unfit(error).to_dict())
            return True
        if not self._cancelled:
            LOGGER.error("run %s: %s", run, str(error).partition("\n")[0])
        return False

    def _receive(self, command: dict[str, Any]) -> bool:
        """Write the result here, where the server is.

        Returns:
            Whether the task has said how the job has ended.

        Raises:
            LivescapeError: If it cannot be written.
            RayError: If the task has ended otherwise than by its own last word.
        """
        folder, job = Path(command["folder"]), command["job"]
        writer = ResultWriter(folder, job, free_bytes=command["free_bytes"])
        over = False
        for reference in self._items:
            item = ray.get(reference)
            self.waits = False
            if "chunk" in item:
                writer.add(*item["chunk"])
                continue
            event = item.pop("event")
            if event == "placed":
                node, process = item["node"], item["process"]
                LOGGER.info("run %s on %s, process %d", command["run"], node, process)
                continue
            if event == "done":
                item |= {"chunks": writer.count, "size": writer.size, "digest": writer.digest}
            over = over or event in LAST_WORDS
            self.say(event, **item)
        return over


def _unfit(error: RayTaskError) -> LivescapeError:
    """Return what an exception means that a task raised instead of reporting it."""
    if isinstance(error.cause, LivescapeError):
        return error.cause
    reason = str(error.cause).strip().partition("\n")[0][:200]
    return LivescapeError(
        "node_unfit",
        f"A node of the cluster cannot compute: {type(error.cause).__name__}: {reason}",
        hint="Install the same livescape[backend] on every node of the cluster.",
    )


class _Driver:
    """The lanes, the tasks that they follow, and the commands about them."""

    def __init__(self, server: _Server, options: argparse.Namespace) -> None:
        resources = ray.cluster_resources()
        cards = int(resources.get("GPU", 0))
        gpus = options.gpus if options.gpus is not None else float(cards > 0)
        task = ray.remote(compute)
        self._task = task.options(
            num_returns="streaming",
            num_cpus=options.cpus,
            num_gpus=gpus,
            max_retries=0,  # the server tries again, and knows where the job had come
            name="livescape",
            _generator_backpressure_num_objects=UNREAD_ITEMS,
        )
        self._server = server
        self._spec = options.job
        self._threads = math.ceil(options.cpus)
        self._lanes: dict[int, _Lane] = {}
        nodes = sum(bool(node["Alive"]) for node in ray.nodes())
        has = f"{cards} GPUs" if cards else f"{resources.get('CPU', 0):g} CPUs"
        self._connected: dict[str, Any] = {
            "event": "ready",
            "device": f"Ray cluster, {nodes} node{'s' * (nodes != 1)}, {has}",
            "versions": {"ray": ray.__version__},
        }
        server.say(**self._connected)

    def do(self, command: dict[str, Any]) -> None:
        """Carry out a command of the server."""
        number = command.pop("lane")
        if command["do"] == "run":
            lane = self._lanes[number] = _Lane(self._server, number, self._connected)
            command["threads"] = self._threads
            arguments = (command, self._task, self._spec)
            threading.Thread(target=lane.follow, args=arguments, daemon=True).start()
        elif number in self._lanes:
            self._lanes[number].cancel(force=command["do"] == "drop")

    def give_signs(self) -> None:
        """Say again and again that we live, and which jobs wait for room; runs in a thread."""
        while True:
            time.sleep(SIGN_S)
            self._server.say("alive")
            for lane in list(self._lanes.values()):
                if lane.waits:
                    lane.say("waiting")


def _knock(address: str) -> None:
    """Find out at once whether somebody is there, for which Ray itself takes a minute.

    Raises:
        OSError: If nobody is.
    """
    host, _, port = address.rpartition(":")
    if host and port.isdigit():
        socket.create_connection((host.strip("[]"), int(port)), KNOCK_S).close()


def _connect(address: str) -> None:
    """Join the cluster, which may just be starting.

    Raises:
        LivescapeError: ``cluster_unreachable``.
    """
    for number in range(TRIES):
        try:
            _knock(address)
            ray.init(address=address, namespace="livescape", log_to_driver=True)
            return
        except (OSError, RuntimeError, ValueError, RayError) as error:
            LOGGER.warning("the cluster at %s cannot be joined: %s", address, error)
            reason = str(error).partition("\n")[0][:200]
        if number + 1 < TRIES:
            time.sleep(PAUSE_S)
    raise LivescapeError(
        "cluster_unreachable",
        f"The Ray cluster at {address} cannot be joined: {reason}",
        hint="Start Ray on this machine with: ray start --address=HOST:PORT, and see --address.",
        stage="load",
        retryable=True,
    )


def main(argv: Sequence[str] | None = None) -> int:
    """Use the cluster until the server is gone."""
    parser = argparse.ArgumentParser(prog="livescape.server.cluster_driver")
    parser.add_argument("--job", required=True, help="module:function that computes")
    parser.add_argument("--address", required=True)
    parser.add_argument("--gpus", type=float)
    parser.add_argument("--cpus", type=float, default=1.0)
    options = parser.parse_args(argv)
    logging.basicConfig(level=logging.INFO, format="cluster %(levelname)s %(message)s")
    server = _Server(claim_stdout())
    try:
        _connect(options.address)
    except LivescapeError as error:
        server.say("broken", error=error.to_dict())
        return 1
    driver = _Driver(server, options)
    threading.Thread(target=driver.give_signs, daemon=True).start()
    for line in sys.stdin:
        driver.do(json.loads(line))
    os._exit(0)  # Ray's own farewell could take longer than the server's heirs would wait


if __name__ == "__main__":
    sys.exit(main())
