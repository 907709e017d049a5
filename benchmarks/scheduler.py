"""What one scheduler carries: jobs at a time, jobs a second, cancels, bytes of results.

Run as ``python -m benchmarks.scheduler`` (``make bench NAME=scheduler``); writes
``out/bench/scheduler.json``. Real servers, workers, clients and, where Ray is installed, a real
cluster of this machine. The jobs do not compute: those of equal cost wait for two seconds, so that
what is measured is how many run at a time and not how many cores the machine has; the smallest end
at once, so that what is measured is everything around a job.
"""

from __future__ import annotations

import argparse
import logging
import multiprocessing
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack, contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from benchmarks.measure import report
from tests.server.harness import (
    Client,
    Peer,
    Server,
    connect,
    follow,
    is_finished,
    is_last_chunk,
    make_request,
)
from tests.server.ray_cluster import RayCluster

from livescape_shared.connection import read_connection_file
from livescape_shared.messages import Ping

EQUAL_JOBS, EQUAL_STEPS = 8, 40
SMALL_JOBS, SMALL_CLIENTS = 240, 4
CANCELS = 12
RESULT_UNITS = 64
"""Size of a large result, in units of 1.8 MB."""

READERS = (1, 4)
IDLE_CLIENTS = 24
LEAST_PINGS = 500
PATIENCE_S = 120.0


def main() -> None:
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--without-ray", action="store_true")
    options = parser.parse_args()
    rows = [_measured("local", workers) for workers in (1, 4)]
    if not options.without_ray and find_spec("ray") is not None:
        rows += [_measured("ray", workers) for workers in (1, 4)]
    ratios = {
        f"{rows[at]['executor']}_4_over_1": rows[at]["equal_s"] / rows[at + 1]["equal_s"]
        for at in range(0, len(rows), 2)
    }
    report("scheduler", rows, {**ratios, **_results()})


@contextmanager
def _server(executor: str, workers: int) -> Iterator[Any]:
    """Yield a server whose workers have all done a job."""
    cluster = RayCluster(workers) if executor == "ray" else None
    words = cluster.options() if cluster is not None else ("--workers", str(workers))
    try:
        with tempfile.TemporaryDirectory() as folder:
            server = Server(Path(folder), *words)
            with connect(server) as client:
                first = [make_request(f"together#{n}", seed=workers) for n in range(workers)]
                _all_done(client, first)
            yield server
            server.stop()
    finally:
        if cluster is not None:
            cluster.stop()


def _all_done(client: Any, requests: list[Any]) -> None:
    for request in requests:
        client.submit(request)
    left = iter(range(len(requests) - 1, -1, -1))
    follow(client, lambda event: is_finished(event) and next(left) == 0, PATIENCE_S)


def _measured(executor: str, workers: int) -> dict[str, Any]:
    with _server(executor, workers) as server:
        return {
            "executor": executor,
            "workers": workers,
            "equal_s": _equal(server),
            "small_jobs_a_second": _small(server),
            **_cancels(server),
        }


def _equal(server: Any) -> float:
    """Seconds for jobs that wait for two seconds each."""
    requests = [make_request(f"slow#{n}", steps=EQUAL_STEPS) for n in range(EQUAL_JOBS)]
    with connect(server) as client:
        started = time.perf_counter()
        _all_done(client, requests)
        return time.perf_counter() - started


def _small(server: Any) -> float:
    """Jobs that end at once, a second, asked for by several clients."""
    each = SMALL_JOBS // SMALL_CLIENTS

    def ask(number: int) -> None:
        with connect(server) as client:
            for n in range(each):
                client.submit(make_request(f"small#{number} {n}", steps=1))
                follow(client, is_finished, PATIENCE_S)

    started = time.perf_counter()
    _in_threads(ask, SMALL_CLIENTS)
    return SMALL_JOBS / (time.perf_counter() - started)


def _cancels(server: Any) -> dict[str, float]:
    """Seconds from the wish to cancel a running job to the news that it has stopped."""
    seconds = []
    with connect(server) as client:
        for n in range(CANCELS):
            job = client.submit(make_request(f"slow#cancel {n}", steps=10_000))
            follow(client, lambda event: getattr(event, "stage", "") == "counting", PATIENCE_S)
            started = time.perf_counter()
            client.cancel(job)
            follow(client, is_finished, PATIENCE_S)
            seconds.append(time.perf_counter() - started)
    return {"cancel_s": sorted(seconds)[CANCELS // 2], "cancel_worst_s": max(seconds)}


def _results() -> dict[str, float]:
    """Megabytes of a result a second that one server sends, to one client and to several."""
    found: dict[str, float] = {}
    with tempfile.TemporaryDirectory() as folder:
        server = Server(Path(folder))
        _read(server.state_dir)
        size = sum(path.stat().st_size for path in server.folder.rglob("*.chunk")) / 1e6
        spawn = multiprocessing.get_context("spawn")
        with ProcessPoolExecutor(max(READERS), mp_context=spawn) as pool:
            list(pool.map(time.sleep, [0.5] * max(READERS)))  # so that all have been imported
            for clients in READERS:
                started = time.perf_counter()
                list(pool.map(_read, [server.state_dir] * clients))
                rate = clients * size / (time.perf_counter() - started)
                found[f"result_mb_a_second_to_{clients}"] = rate
            reading = pool.submit(_read, server.state_dir)
            found |= _pings(server, reading.done)
        server.stop()
    return {"result_mb": size, **found}


def _read(state_dir: Path) -> None:
    """Ask for the large result and read all of it."""
    with Client(lambda: read_connection_file(state_dir), name="bench") as client:
        client.submit(make_request(f"large#{RESULT_UNITS}", steps=1))
        follow(client, is_last_chunk, PATIENCE_S)


def _pings(server: Any, done: Callable[[], bool]) -> dict[str, float]:
    """Milliseconds that a ping takes while all clients are connected and one reads a result."""
    with ExitStack() as stack:
        peers = [stack.enter_context(Peer(server.info)) for _ in range(IDLE_CLIENTS)]
        for number, peer in enumerate(peers):
            peer.hello(server.info, f"idle {number}")
        took: list[float] = []
        while not done() or len(took) < LEAST_PINGS:
            started = time.perf_counter()
            peers[len(took) % IDLE_CLIENTS].ask(Ping())
            took.append(1e3 * (time.perf_counter() - started))
    return {"ping_ms": sorted(took)[len(took) // 2], "ping_worst_ms": max(took)}


def _in_threads(work: Any, count: int) -> None:
    threads = [threading.Thread(target=work, args=(number,)) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


if __name__ == "__main__":
    main()
