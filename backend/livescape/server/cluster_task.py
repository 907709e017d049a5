"""What a node of a Ray cluster does for a job: compute it, and hand out what comes of it."""

from __future__ import annotations

import logging
import os
import queue
import socket
import sys
import threading
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from livescape.server.computing import ChunkParts, Unwritten, load_job, run_job
from livescape_shared import __version__
from livescape_shared.codec import decode
from livescape_shared.connection import default_state_dir
from livescape_shared.errors import LivescapeError
from livescape_shared.messages import Submit
from livescape_shared.request import GenerateRequest

LOGGER = logging.getLogger(__name__)

WAITING_ITEMS = 4
"""Parts of a result that wait to be handed out, before the computation waits for them."""

LINGER_S = 2.0
"""Time in which the last words of a process that ends itself leave it."""

Item = dict[str, Any]


class _Work:
    """One job in a thread of its own; what it says and makes is handed out as items.

    Args:
        command: The line that asked for the job, as a worker gets it.
        frames: The message that was its request.
        spec: ``module:function`` that computes.
    """

    def __init__(self, command: Mapping[str, Any], frames: Sequence[bytes], spec: str) -> None:
        self._command = command
        self._frames = frames
        self._spec = spec
        self._items: queue.Queue[Item | None] = queue.Queue(WAITING_ITEMS)
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True, name="job")
        self.sound = False
        """Whether this process can be trusted with another job, once the items have ended."""

    def items(self) -> Iterator[Item]:
        """Yield what is to be handed out, to the end."""
        self._thread.start()
        while (item := self._items.get()) is not None:
            yield item

    def end(self) -> None:
        """Let the job stop at its next step and wait for it."""
        self._stop.set()
        while self._thread.is_alive():
            try:
                self._items.get(timeout=0.05)
            except queue.Empty:
                continue

    def _run(self) -> None:
        try:
            self.say("placed", node=socket.gethostname(), process=os.getpid())
            values = {"stage": "load", "step": 0, "total": 1, "fraction": 0.0}
            self.say("progress", run=self._command["run"], **values)
            load = load_job(self._spec)
            _use_threads(self._command["threads"])
            self.sound = run_job(self._command, self, load, Unwritten(), self)
        except LivescapeError as error:
            LOGGER.warning("the backend cannot be loaded", exc_info=True)
            self.say("failed", run=self._command["run"], error=error.to_dict())
        finally:
            self._items.put(None)

    def say(self, event: str, **values: Any) -> None:
        """Hand out an event."""
        self._items.put({"event": event, **values})

    def cancelled(self, run: str) -> bool:
        """Return whether the job is to stop."""
        return self._stop.is_set()

    def read(self) -> GenerateRequest:
        """Return the request."""
        message = decode(self._frames).message
        assert isinstance(message, Submit), "the driver sends what the server has checked"
        return GenerateRequest.from_parts(message.body, message.arrays)

    def write(self, chunks: Iterable[ChunkParts]) -> Mapping[str, Any]:
        """Hand out the result; the driver counts it where it is written."""
        for kind, index, meta, arrays in chunks:
            self._items.put({"chunk": (kind, index, dict(meta), dict(arrays))})
        return {}


def _use_threads(count: int) -> None:
    """Let the engine use as many threads as the job has cores; 0 for all there are."""
    threads = sys.modules.get("livescape.engine.threads")
    if threads is not None and count:
        threads.set_thread_count(count)


def compute(
    command: Mapping[str, Any], frames: Sequence[bytes], spec: str, version: str
) -> Iterator[Item]:
    """Compute a job; Ray hands each item to the driver as it is yielded.

    Args:
        command: The line that asked for the job, as a worker gets it, and ``threads``.
        frames: The message that was its request.
        spec: ``module:function`` that computes.
        version: Of the server, which must be that of the node.

    Yields:
        Where it is (``placed``), the events of a worker, and ``{"chunk": (kind, index, meta,
        arrays)}``.

    Raises:
        LivescapeError: ``node_unfit``.
    """
    if version != __version__:
        raise LivescapeError(
            "node_unfit",
            f"The node {socket.gethostname()} has Livescape {__version__}, the server {version}.",
            hint="Install the same version on every node of the cluster.",
        )
    if not command["cache_dir"]:
        command = {**command, "cache_dir": str(default_state_dir() / "cache")}
    work = _Work(command, frames, spec)
    try:
        yield from work.items()
    except KeyboardInterrupt:  # by which Ray cancels
        pass
    finally:
        work.end()
        if not work.sound:
            LOGGER.warning("this process ends, because its state cannot be trusted any more")
            time.sleep(LINGER_S)
            os._exit(1)
