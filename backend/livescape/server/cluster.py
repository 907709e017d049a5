"""A Ray cluster as the executor: each job is a task there, wherever the cluster has room.

Ray ends the process that uses it when it loses the cluster, so a process of its own does, the
driver (``cluster_driver``). It speaks the same lines as a worker, for many jobs at a time: each
line names the lane that it is about, and each lane is a worker to a runner. So a job on the cluster
is given another try, cancelled and watched over just like one on this machine.
"""

from __future__ import annotations

import itertools
import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from livescape.server.bounds import Limits
from livescape.server.executor import Executor
from livescape.server.runner import Runner, Worker
from livescape.server.worker_process import WorkerProcess
from livescape_shared.errors import LivescapeError

LOGGER = logging.getLogger(__name__)

DRIVER = "livescape.server.cluster_driver"
SILENCE_S = 120.0
"""Time without a sign of life after which the driver counts as hung; it gives one every 5 s."""


@dataclass(frozen=True)
class ClusterOptions:
    """Where the cluster is and what a job takes of it.

    Attributes:
        address: Of the cluster, ``HOST:PORT``; ``auto`` for the one that this machine is part of.
        gpus: Graphics cards of a job; None for one, or none if the cluster has none.
        cpus: Cores of a job.
        cache_dir: Folder of stage results on the nodes; None for each node's own.
    """

    address: str = "auto"
    gpus: float | None = None
    cpus: float = 1.0
    cache_dir: Path | None = None

    def words(self) -> list[str]:
        """Return the driver's arguments."""
        said = ["--address", self.address, "--cpus", str(self.cpus)]
        return said if self.gpus is None else [*said, "--gpus", str(self.gpus)]


class Lane:
    """One job at a time on the cluster; a worker to a runner."""

    def __init__(self, cluster: Cluster, number: int) -> None:
        self._cluster = cluster
        self._number = number
        self.heard: list[dict[str, Any]] = []

    def tell(self, **command: Any) -> None:
        """Send a command about this lane's job."""
        self._cluster.tell(lane=self._number, **command)

    def events(self) -> list[dict[str, Any]]:
        """Return what was reported about this lane since the last call."""
        self._cluster.listen()
        heard, self.heard = self.heard, []
        return heard

    def wait(self) -> int | None:
        """Return None: how a process on another machine ended is not known here."""
        return None

    def kill(self) -> None:
        """Let the cluster end this lane's job."""
        self._cluster.close_lane(self._number)


class Cluster:
    """The driver, and who is to hear what it says.

    Args:
        start_driver: Starts the driver's process.
        clock: Monotonic time in seconds.
    """

    def __init__(
        self, start_driver: Callable[[], Worker], *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._start_driver = start_driver
        self._clock = clock
        self._driver: Worker | None = None
        self._connected: dict[str, Any] | None = None
        self._lanes: dict[int, Lane] = {}
        self._numbers = itertools.count()
        self._last_sign = 0.0

    def open_lane(self) -> Lane:
        """Return a new lane; the driver is started if there is none.

        Raises:
            OSError: If the system has no room for another process.
        """
        if self._driver is None:
            self._driver = self._start_driver()
            self._last_sign = self._clock()
        number = next(self._numbers)
        lane = self._lanes[number] = Lane(self, number)
        if self._connected is not None:
            lane.heard.append(self._connected)
        return lane

    def close_lane(self, number: int) -> None:
        """End what a lane's job may still do."""
        if self._lanes.pop(number, None) is not None:
            self.tell(do="drop", lane=number)

    def tell(self, **command: Any) -> None:
        """Send a command to the driver, if there is one."""
        if self._driver is not None:
            self._driver.tell(**command)

    def listen(self) -> None:
        """Pass on what the driver has said."""
        if self._driver is None:
            return
        for event in self._driver.events():
            self._last_sign = self._clock()
            self._hear(event)
        if self._driver is not None and self._clock() - self._last_sign > SILENCE_S:
            LOGGER.error("the connection to the cluster does not respond and is given up")
            self._lose()

    def close(self) -> None:
        """End the driver, and with it whatever it lets the cluster do."""
        if self._driver is not None:
            self._driver.kill()
        self._driver, self._connected = None, None
        self._lanes.clear()

    def _hear(self, event: dict[str, Any]) -> None:
        lane = event.pop("lane", None)
        kind = event.get("event")
        if lane is not None:
            if lane in self._lanes:
                self._lanes[lane].heard.append(event)
        elif kind == "gone":
            LOGGER.error("the connection to the cluster is lost")
            self._lose()
        elif kind in ("ready", "broken"):
            if kind == "ready":
                self._connected = event
            for each in self._lanes.values():
                each.heard.append(event)

    def _lose(self) -> None:
        """End the driver; the lanes are told, and their jobs go on with new ones."""
        lanes = list(self._lanes.values())
        self.close()
        for each in lanes:
            each.heard.append({"event": "gone"})


class ClusterExecutor(Executor):
    """Computes jobs on a cluster; those that the cluster has no room for wait there.

    Args:
        cluster: The connection.
        cache_dir: Folder of stage results on the nodes; None for each node's own.
        limits: Bounds.
        lanes: How many jobs the cluster is handed at a time.
    """

    def __init__(
        self, cluster: Cluster, cache_dir: Path | None, limits: Limits, lanes: int
    ) -> None:
        self._cluster = cluster
        self._lanes = [Runner(cluster.open_lane, cache_dir, limits) for _ in range(lanes)]
        super().__init__(self._lanes)

    @property
    def device(self) -> str:
        """What the cluster has; empty until it is known."""
        return next((lane.device for lane in self._lanes if lane.device), "")

    def stop(self) -> None:
        """Leave the cluster, which ends what it still does for us."""
        super().stop()
        self._cluster.close()


def cluster_executor(
    job: str, options: ClusterOptions, limits: Limits, workers: int = 0
) -> ClusterExecutor:
    """Return the executor of a Ray cluster.

    Args:
        job: ``module:function`` that is computed.
        options: Where the cluster is and what a job takes of it.
        limits: Bounds.
        workers: How many jobs it is handed at a time; 0 for as many as the server accepts.

    Raises:
        LivescapeError: ``ray_missing``.
    """
    if find_spec("ray") is None:
        raise LivescapeError(
            "ray_missing",
            "Ray is not installed, so the server cannot use a cluster.",
            hint="Install it with: pip install 'livescape[backend,ray]'.",
        )
    words = ["--job", job, *options.words()]
    cluster = Cluster(lambda: WorkerProcess(DRIVER, words))
    return ClusterExecutor(cluster, options.cache_dir, limits, workers or limits.queued_jobs)
