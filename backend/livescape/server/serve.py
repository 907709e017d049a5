"""The server's loop: one thread that never computes and never waits for the worker."""

from __future__ import annotations

import logging
import os
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from threading import Lock
from typing import Any

import zmq

from livescape.server.bounds import Limits
from livescape.server.cluster import ClusterOptions, cluster_executor
from livescape.server.connections import LOCAL, REMOTE
from livescape.server.desk import Desk
from livescape.server.doors import Door, Doors
from livescape.server.endpoint import bind_router, check_loopback, parse_listen
from livescape.server.entry import Entry, KeyEntry, TokenEntry
from livescape.server.executor import Executor
from livescape.server.gate import Gate
from livescape.server.greeting import Greeter
from livescape.server.lifetime import Lifetime
from livescape.server.local_workers import local_executor
from livescape.server.packer import PackingPlace
from livescape.server.remote.guestbook import Guestbook
from livescape.server.remote.pairing import Pairing
from livescape.server.router import Router
from livescape.server.scheduler import Scheduler
from livescape.server.state_folder import (
    Published,
    ServerLock,
    claim_folder,
    folder_refusal,
    make_cache_dir,
    publish,
    results_folder,
    server_keys,
    withdraw,
)
from livescape.server.threads import own_thread
from livescape_shared import __version__
from livescape_shared.connection import ServerInfo
from livescape_shared.messages import PROTOCOL_VERSION
from livescape_shared.proofs import new_token
from livescape_shared.remote.invitation import Place

LOGGER = logging.getLogger(__name__)

DEFAULT_JOB = "livescape.pipeline:generate"
IDLE_TICK_MS = 250
ACTIVE_TICK_MS = 20
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
        listen: Address, and port if it is not the usual one, at which other machines that are
            paired can use the server; empty for none.
        parent_pid: Once this process has ended, the server stops as soon as nobody uses it; 0 for
            none.
        idle_shutdown_s: The server stops after so long without a client or job; 0 for never.
        job: ``module:function`` that the workers compute.
        workers: Jobs that are computed at a time; 0 for what the machine or the cluster has.
        cluster: The Ray cluster that computes; None for workers on this machine.
        limits: Bounds.
        on_ready: Called when the server can be found.
    """

    state_dir: Path
    cache_dir: Path
    host: str = "127.0.0.1"
    port: int = 0
    listen: str = ""
    parent_pid: int = 0
    idle_shutdown_s: float = 0.0
    job: str = DEFAULT_JOB
    workers: int = 0
    cluster: ClusterOptions | None = None
    limits: Limits = field(default_factory=Limits)
    on_ready: Callable[[], None] = lambda: None


class _Loop:
    """The turns of the server's thread, each of which waits for something to do."""

    def __init__(
        self, doors: Doors, bell: zmq.Socket[bytes], router: Router, scheduler: Scheduler
    ) -> None:
        self._doors, self._bell = doors, bell
        self._router, self._scheduler = router, scheduler
        self._poller = zmq.Poller()
        self._poller.register(bell, zmq.POLLIN)
        doors.register(self._poller)
        self._more = False

    def turn(self) -> None:
        """Do what is to be done, and come back."""
        tick = 0 if self._more else ACTIVE_TICK_MS if self._scheduler.active else IDLE_TICK_MS
        ready = dict(self._poller.poll(min([tick, *self._doors.patience_ms()])))
        if self._bell in ready:
            self._bell.recv()
        self._doors.turn(ready, self._router)
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
def _local_door(place: Place, token: str, limits: Limits) -> Iterator[tuple[Door, str]]:
    """Yield the door for those who know the token, and its endpoint."""
    with _gated(TokenEntry(token), place, limits) as (socket, gate, endpoint):
        yield Door(LOCAL, socket, gate, limits), endpoint


@contextmanager
def _remote_door(place: Place, folder: Path, limits: Limits) -> Iterator[tuple[Door, str]]:
    """Yield the door for those whose keys are known, and its endpoint."""
    guestbook = Guestbook(folder, refusal=folder_refusal)
    keys = server_keys(folder)
    with _gated(KeyEntry(keys, guestbook), place, limits) as (socket, gate, endpoint):
        yield Door(REMOTE, socket, gate, limits, Pairing(guestbook, limits)), endpoint


@contextmanager
def _gated(
    entry: Entry, place: Place, limits: Limits
) -> Iterator[tuple[zmq.Socket[bytes], Gate, str]]:
    """Yield a bound socket, its gate and its endpoint, in a context of their own."""
    with ExitStack() as stack:
        context = stack.enter_context(zmq.Context[zmq.Socket[bytes]]())
        gate = Gate(context, entry, limits)
        stack.callback(gate.close)
        socket, endpoint = bind_router(context, place, limits, gate)
        stack.callback(socket.close, linger=FAREWELL_MS)
        yield socket, gate, endpoint


@contextmanager
def _desk(
    results: Path, limits: Limits, is_there: Callable[[str], bool]
) -> Iterator[tuple[Desk, Any]]:
    """Yield a desk with its thread, and the socket on which it rings when it is done."""
    with (
        zmq.Context[zmq.Socket[bytes]]() as context,
        context.socket(zmq.PULL) as bell,
        context.socket(zmq.PUSH) as button,
    ):
        bell.bind(BELL_ADDRESS)
        button.connect(BELL_ADDRESS)
        button.linger = 0
        lock = Lock()

        def ring() -> None:
            # From the desk's thread or the packer's, or from ours, which could wait for ever: a
            # bell that has rung so often that it takes no more will be heard without this.
            with lock, suppress(zmq.Again):
                button.send(b"", zmq.NOBLOCK)

        executor = own_thread("desk")
        try:
            yield Desk(executor, results, limits, is_there=is_there, wake=ring), bell
        finally:
            executor.shutdown(cancel_futures=True)


@contextmanager
def _scheduler(folder: Path, options: ServeOptions) -> Iterator[Scheduler]:
    """Yield what does the work, with workers that are warming up.

    Raises:
        LivescapeError: ``ray_missing``, ``disk_full``, ``journal_not_writable``, or that the folder
            cannot be used.
    """
    executor = _executor(options)
    with closing(Scheduler.open(folder, executor, options.limits)) as scheduler:
        executor.warm_up()
        yield scheduler


def _executor(options: ServeOptions) -> Executor:
    if options.cluster is not None:
        return cluster_executor(options.job, options.cluster, options.limits, options.workers)
    return local_executor(options.job, options.cache_dir, options.limits, options.workers)


@contextmanager
def _router(
    doors: Doors, token: str, folder: Path, scheduler: Scheduler, limits: Limits
) -> Iterator[tuple[Router, zmq.Socket[bytes]]]:
    """Yield what takes messages in, and the socket that rings when there is more to send."""
    with ExitStack() as stack:
        desk, bell = stack.enter_context(_desk(results_folder(folder), limits, scheduler.has))
        press = own_thread("packer")
        stack.callback(press.shutdown, cancel_futures=True)
        new_place = partial(PackingPlace, press, desk.ring)
        yield Router(doors.send, Greeter(token, limits), desk, new_place, scheduler, limits), bell


@contextmanager
def _published(options: ServeOptions, info: ServerInfo) -> Iterator[Published]:
    """Let clients find the server; yield what keeps it so."""
    publish(options.state_dir, info)
    try:
        LOGGER.info("the server listens on %s", info.endpoint)
        if info.remote:
            LOGGER.info("the server listens for paired clients on %s", info.remote)
        options.on_ready()
        yield Published(options.state_dir, info)
    finally:
        withdraw(options.state_dir, info)


def serve(options: ServeOptions) -> None:
    """Run the server until it is asked to stop, its parent dies or nobody uses it.

    Raises:
        LivescapeError: ``server_not_loopback``, ``listen_invalid``, ``encryption_missing``,
            ``keys_unusable``, ``state_dir_unsafe``, ``state_dir_unusable``,
            ``disk_full``, ``cache_not_writable``, ``journal_not_writable``,
            ``server_already_running``, ``port_unavailable`` or ``ray_missing``.
    """
    place = Place(check_loopback(options.host), options.port)
    listen = parse_listen(options.listen) if options.listen else None
    folder = claim_folder(options.state_dir)
    with ExitStack() as stack:
        stack.enter_context(ServerLock(folder))
        make_cache_dir(options.cache_dir)
        token = new_token()
        local, endpoint = stack.enter_context(_local_door(place, token, options.limits))
        doors, remote = [local], ""
        if listen is not None:
            door, remote = stack.enter_context(_remote_door(listen, folder, options.limits))
            doors.append(door)
        scheduler = stack.enter_context(_scheduler(folder, options))
        all_doors = Doors(doors)
        router, bell = stack.enter_context(
            _router(all_doors, token, folder, scheduler, options.limits)
        )
        life = Lifetime(options.parent_pid, options.idle_shutdown_s)
        info = ServerInfo(endpoint, token, os.getpid(), __version__, PROTOCOL_VERSION, remote)
        published = stack.enter_context(_published(options, info))
        loop = _Loop(all_doors, bell, router, scheduler)

        def turn() -> None:
            published.look()
            loop.turn()

        run_turns(
            turn,
            lambda: life.over(
                active=scheduler.active, last_seen=router.last_seen(), connected=router.connected
            ),
        )
        router.farewell(life.reason)
