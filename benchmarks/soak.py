"""Whether a server stays as it is: its memory, descriptors, threads and disk over many small jobs.

Run as ``python -m benchmarks.soak [--jobs 2000]`` (``make bench NAME=soak``); writes
``out/bench/soak.json``. One client asks for small real jobs in turn and reads every result; the
quota for results is small, so that the disk is as full after a tenth of the jobs as after all.
"""

from __future__ import annotations

import argparse
import logging
import os
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import psutil
from benchmarks.measure import report
from tests.server.harness import Server, connect, follow, is_last_chunk, make_request

QUOTA_MIB = 1.0
ROWS = 10


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--jobs", type=int, default=2000)
    options = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    every = max(1, options.jobs // ROWS)
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        server = Server(Path(folder), "--results-quota", str(QUOTA_MIB / 1024))
        with connect(server) as client:
            for number in range(options.jobs):
                client.submit(make_request(f"count#{number}", steps=1))
                follow(client, is_last_chunk, 60)
                if (number + 1) % every == 0:
                    rows.append({"jobs": number + 1, **_holds(server)})
        code = server.stop()
    first, last = rows[len(rows) // 3], rows[-1]  # once the quota is reached and all is loaded
    growth = {f"{name}_growth": last[name] - first[name] for name in first if name != "jobs"}
    report("soak", rows, {"exit_code": code, **growth})


def _holds(server: Any) -> dict[str, float]:
    """What the server and its worker hold now."""
    process = psutil.Process(server.process.pid)
    (worker,) = process.children()
    disk = list(_sizes(server.folder))
    return {
        "server_mb": process.memory_info().rss / 1e6,
        "worker_mb": worker.memory_info().rss / 1e6,
        "descriptors": len(os.listdir(f"/proc/{process.pid}/fd")),
        "threads": process.num_threads(),
        "files": len(disk),
        "disk_kb": sum(disk) / 1e3,
    }


def _sizes(folder: Path) -> Iterator[int]:
    """Sizes of all files; what is just being removed is none of them."""
    for place, _, names in os.walk(folder):
        for name in names:
            with suppress(FileNotFoundError):
                yield (Path(place) / name).stat().st_size


if __name__ == "__main__":
    main()
