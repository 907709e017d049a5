"""The server's loop: one thread that never computes and never waits for the worker."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

import zmq

from livescape.server.bounds import Limits
from livescape.server.endpoint import bind_router, check_loopback, new_token
from livescape.server.lifetime import Lifetime
from livescape.server.outbound import SendResult
from livescape.server.router import Router
from livescape.server.runner import Runner
from livescape.server.scheduler import Scheduler
from livescape.server.state_folder import (
    ServerLock,
    claim_folder,
    make_cache_dir,
    publish,
    withdraw,
)
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
        router.deliver()


def _loop(socket: zmq.Socket[bytes], router: Router, scheduler: Scheduler, life: Lifetime) -> None:
    more = False
    while not life.over(
        active=scheduler.active, last_seen=router.last_seen(), connected=router.connected
    ):
        tick = 0 if more else ACTIVE_TICK_MS if scheduler.active else IDLE_TICK_MS
        if socket.poll(tick):
            _receive(socket, router)
        router.deliver()
        more = router.flush()


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
        socket, endpoint = bind_router(context, options.host, options.port, options.limits)
        stack.callback(socket.close)
        runner = Runner(lambda: WorkerProcess(options.job), options.cache_dir, options.limits)
        scheduler = Scheduler.open(folder, runner, options.limits)
        stack.callback(scheduler.close)
        runner.warm_up()
        token = new_token()
        router = Router(_sender(socket), token, scheduler, options.limits)
        life = Lifetime(options.parent_pid, options.idle_shutdown_s)
        info = ServerInfo(endpoint, token, os.getpid(), __version__, PROTOCOL_VERSION)
        publish(options.state_dir, info)
        stack.callback(withdraw, options.state_dir, info)
        LOGGER.info("the server listens on %s", endpoint)
        _loop(socket, router, scheduler, life)
