"""The server's loop: one thread that never computes and never waits for the worker."""

from __future__ import annotations

import logging
import os
import signal
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType

import zmq

from livescape.server import auth
from livescape.server.endpoint import bind_router, check_loopback
from livescape.server.limits import Limits
from livescape.server.lock import ServerLock
from livescape.server.outbound import SendResult
from livescape.server.parent import ParentWatch
from livescape.server.router import Router
from livescape.server.runner import Runner
from livescape.server.scheduler import Scheduler
from livescape.server.worker_process import WorkerProcess
from livescape_shared import __version__
from livescape_shared.connection import ServerInfo
from livescape_shared.messages import PROTOCOL_VERSION

LOGGER = logging.getLogger(__name__)

DEFAULT_JOB = "livescape.pipeline:generate"
IDLE_TICK_MS = 250
ACTIVE_TICK_MS = 20
MESSAGES_PER_TURN = 64


@dataclass(frozen=True)
class ServeOptions:
    """How a server is started.

    Attributes:
        state_dir: Folder of the connection file, the lock and the results.
        cache_dir: The pipeline's cache.
        host: Loopback address to listen on.
        port: Port, 0 for any free one.
        parent_pid: The server ends with this process; 0 for none.
        idle_shutdown_s: The server ends after so long without client and job; 0 for never.
        job: ``module:function`` that the worker computes.
        limits: Bounds.
    """

    state_dir: Path
    cache_dir: Path
    host: str = "127.0.0.1"
    port: int = 0
    parent_pid: int = 0
    idle_shutdown_s: float = 0.0
    job: str = DEFAULT_JOB
    limits: Limits = field(default_factory=Limits)


class _StopSignal:
    """Turns the signals that end a process into a flag that the loop reads."""

    def __init__(self) -> None:
        self.raised = False
        for name in ("SIGINT", "SIGTERM", "SIGBREAK"):
            if hasattr(signal, name):
                signal.signal(getattr(signal, name), self._on_signal)

    def _on_signal(self, number: int, frame: FrameType | None) -> None:
        self.raised = True


def _sender(socket: zmq.Socket[bytes]) -> Callable[[bytes, list[bytes | memoryview]], SendResult]:
    """Return a function that sends to a client at once or says why not."""

    def send(identity: bytes, frames: list[bytes | memoryview]) -> SendResult:
        try:
            socket.send_multipart([identity, *frames], flags=zmq.NOBLOCK, copy=False)
        except zmq.Again:
            return SendResult.BLOCKED
        except zmq.ZMQError as error:
            if error.errno != zmq.EHOSTUNREACH:
                raise
            return SendResult.GONE
        return SendResult.SENT

    return send


def _receive(socket: zmq.Socket[bytes], router: Router) -> None:
    """Handle the messages that wait, a bounded number of them."""
    for _ in range(MESSAGES_PER_TURN):
        try:
            identity, *frames = socket.recv_multipart(flags=zmq.NOBLOCK, copy=False)
        except zmq.Again:
            return
        router.handle(identity.bytes, [frame.buffer for frame in frames])
        router.deliver()


class _Lifetime:
    """Why the server should end."""

    def __init__(self, options: ServeOptions) -> None:
        self._options = options
        self._parent = ParentWatch(options.parent_pid) if options.parent_pid else None
        self._stop = _StopSignal()
        self._last_active = time.monotonic()

    def over(self, router: Router, scheduler: Scheduler) -> bool:
        """Return whether the server should end now."""
        now = time.monotonic()
        if scheduler.active:
            self._last_active = now
        idle = now - max(self._last_active, router.last_seen())
        reason = ""
        if self._stop.raised:
            reason = "it was asked to"
        elif self._parent is not None and not self._parent.alive():
            reason = "the program that started it is gone"
        elif self._options.idle_shutdown_s and idle > self._options.idle_shutdown_s:
            reason = "nobody used it"
        if reason:
            LOGGER.info("the server ends, because %s", reason)
        return bool(reason)


def _loop(socket: zmq.Socket[bytes], router: Router, scheduler: Scheduler, life: _Lifetime) -> None:
    more = False
    while not life.over(router, scheduler):
        tick = 0 if more else ACTIVE_TICK_MS if scheduler.active else IDLE_TICK_MS
        if socket.poll(tick):
            _receive(socket, router)
        router.deliver()
        more = router.flush()


def serve(options: ServeOptions) -> None:
    """Run the server until it is told to stop, its parent dies or nobody uses it.

    Raises:
        LivescapeError: ``server_not_loopback``, ``state_dir_unsafe``, ``server_already_running``
            or ``port_unavailable``.
    """
    check_loopback(options.host)
    auth.prepare_state_dir(options.state_dir)
    with ExitStack() as stack:
        stack.enter_context(ServerLock(options.state_dir))
        life = _Lifetime(options)
        context = stack.enter_context(zmq.Context[zmq.Socket[bytes]]())
        socket, endpoint = bind_router(context, options.host, options.port, options.limits)
        stack.callback(socket.close)
        options.cache_dir.mkdir(parents=True, exist_ok=True)
        runner = Runner(lambda: WorkerProcess(options.job), options.cache_dir, options.limits)
        stack.callback(runner.stop)
        runner.warm_up()
        scheduler = Scheduler(options.state_dir / "results", runner, options.limits)
        token = auth.new_token()
        router = Router(_sender(socket), token, scheduler, options.limits)
        info = ServerInfo(endpoint, token, os.getpid(), __version__, PROTOCOL_VERSION)
        auth.publish(options.state_dir, info)
        stack.callback(auth.withdraw, options.state_dir, info)
        LOGGER.info("the server listens on %s", endpoint)
        _loop(socket, router, scheduler, life)
