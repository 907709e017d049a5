"""The server's loop: one thread that never computes and never waits for the worker."""

from __future__ import annotations

import logging
import os
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock
from typing import Any

import zmq

from livescape.server.bounds import Limits
from livescape.server.desk import Desk
from livescape.server.endpoint import bind_router, check_loopback
from livescape.server.gate import Gate
from livescape.server.greeting import Greeter
from livescape.server.lifetime import Lifetime
from livescape.server.outlet import Outlet
from livescape.server.router import Router
from livescape.server.runner import Runner
from livescape.server.scheduler import Scheduler
from livescape.server.state_folder import (
    ServerLock,
    claim_folder,
    make_cache_dir,
    publish,
    results_folder,
    withdraw,
)
from livescape.server.worker_process import WorkerProcess
from livescape_shared import __version__
from livescape_shared.connection import ServerInfo
from livescape_shared.messages import PROTOCOL_VERSION
from livescape_shared.proofs import new_token

LOGGER = logging.getLogger(__name__)

DEFAULT_JOB = "livescape.pipeline:generate"
IDLE_TICK_MS = 250
ACTIVE_TICK_MS = 20
MESSAGES_PER_TURN = 64
BELL_ADDRESS = "inproc://desk"
FAREWELL_MS = 500
"""How long the last messages may take to leave when the server ends."""


@dataclass(frozen=True)
class ServeOptions:
    """How a server is started.

    Attributes:
        state_dir: Folder in which the server has a folder of its own.
        cache_dir: The pipeline's cache.
        host: Loopback address to listen on.
        port: Port, 0 for any free one.
        parent_pid: Once this process has ended, the server stops as soon as nobody uses it; 0 for
            none.
        idle_shutdown_s: The server stops after so long without a client or job; 0 for never.
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


def _receive(socket: zmq.Socket[bytes], router: Router, gate: Gate) -> None:
    """Handle the waiting messages, up to a limited number."""
    for _ in range(MESSAGES_PER_TURN):
        try:
            identity, *frames = socket.recv_multipart(flags=zmq.NOBLOCK, copy=False)
        except zmq.Again:
            return
        except MemoryError:  # the rest of the message arrives as one without a sender
            LOGGER.exception("a message does not fit into memory")
            return
        router.handle(identity.bytes, [frame.buffer for frame in frames])
        if frames and router.knows(identity.bytes):
            gate.welcome(int(frames[0].get("__fd")))
        router.deliver()


class _Loop:
    """The turns of the server's thread, each of which waits for something to do."""

    def __init__(
        self,
        socket: zmq.Socket[bytes],
        gate: Gate,
        bell: zmq.Socket[bytes],
        router: Router,
        scheduler: Scheduler,
    ) -> None:
        self._socket, self._gate, self._bell = socket, gate, bell
        self._router, self._scheduler = router, scheduler
        self._poller = zmq.Poller()
        for each in (socket, bell):
            self._poller.register(each, zmq.POLLIN)
        gate.register(self._poller)
        self._more = False

    def turn(self) -> None:
        """Do what is to be done, and come back."""
        tick = 0 if self._more else ACTIVE_TICK_MS if self._scheduler.active else IDLE_TICK_MS
        hurry = self._gate.patience_ms
        ready = dict(self._poller.poll(tick if hurry is None else min(tick, hurry)))
        self._gate.turn()
        if self._bell in ready:
            self._bell.recv()
        if self._socket in ready:
            _receive(self._socket, self._router, self._gate)
        self._router.deliver()
        self._more = self._router.flush()


def run_turns(
    turn: Callable[[], None], over: Callable[[], bool], *, pause_s: float = ACTIVE_TICK_MS / 1000
) -> None:
    """Take turns until it is over; a fault that nobody has caught costs one turn.

    Raises:
        zmq.ZMQError: If the socket itself is gone.
    """
    while not over():
        try:
            turn()
        except Exception as error:
            if isinstance(error, zmq.ZMQError) and error.errno in (zmq.ETERM, zmq.ENOTSOCK):
                raise
            LOGGER.exception("the server goes on after a fault")
            time.sleep(pause_s)


@contextmanager
def _desk(
    context: zmq.Context[zmq.Socket[bytes]], results: Path, limits: Limits
) -> Iterator[tuple[Desk, Any]]:
    """Yield a desk with its thread, and the socket on which it rings when it is done."""
    with context.socket(zmq.PULL) as bell, context.socket(zmq.PUSH) as button:
        bell.bind(BELL_ADDRESS)
        button.connect(BELL_ADDRESS)
        button.linger = 0
        lock = Lock()

        def ring() -> None:
            with lock:  # from the desk's thread, or from ours if it was quick
                button.send(b"")

        executor = ThreadPoolExecutor(1, thread_name_prefix="desk")
        try:
            yield Desk(executor, results, limits, wake=ring), bell
        finally:
            executor.shutdown(cancel_futures=True)


def serve(options: ServeOptions) -> None:
    """Run the server until it is asked to stop, its parent dies or nobody uses it.

    Raises:
        LivescapeError: ``server_not_loopback``, ``state_dir_unsafe``, ``state_dir_unusable``,
            ``disk_full``, ``cache_not_writable``, ``journal_not_writable``,
            ``server_already_running`` or ``port_unavailable``.
    """
    check_loopback(options.host)
    folder = claim_folder(options.state_dir)
    with ExitStack() as stack:
        stack.enter_context(ServerLock(folder))
        make_cache_dir(options.cache_dir)
        context = stack.enter_context(zmq.Context[zmq.Socket[bytes]]())
        token = new_token()
        gate = Gate(context, token, options.limits)
        stack.callback(gate.close)
        socket, endpoint = bind_router(context, options.host, options.port, options.limits, gate)
        stack.callback(socket.close, linger=FAREWELL_MS)
        runner = Runner(lambda: WorkerProcess(options.job), options.cache_dir, options.limits)
        scheduler = Scheduler.open(folder, runner, options.limits)
        stack.callback(scheduler.close)
        runner.warm_up()
        results = results_folder(folder)
        desk, bell = stack.enter_context(_desk(context, results, options.limits))
        greeter = Greeter(token, options.limits)
        router = Router(
            Outlet(socket, options.limits.unsent_bytes), greeter, desk, scheduler, options.limits
        )
        life = Lifetime(options.parent_pid, options.idle_shutdown_s)
        info = ServerInfo(endpoint, token, os.getpid(), __version__, PROTOCOL_VERSION)
        publish(options.state_dir, info)
        stack.callback(withdraw, options.state_dir, info)
        LOGGER.info("the server listens on %s", endpoint)
        loop = _Loop(socket, gate, bell, router, scheduler)
        run_turns(
            loop.turn,
            lambda: life.over(
                active=scheduler.active, last_seen=router.last_seen(), connected=router.connected
            ),
        )
        router.farewell(life.reason)
