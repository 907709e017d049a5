"""How fast a result is streamed, against a bare ZeroMQ loop of the same frames.

Run as ``make bench NAME=stream``; writes ``out/bench/stream.json``. Ours, the bare loop and ours
through CURVE, as from another machine, take turns, and what counts is the median of their ratios.
"""

from __future__ import annotations

import argparse
import logging
import statistics
import tempfile
import time
from pathlib import Path
from typing import Any

from benchmarks.measure import report, table
from benchmarks.stream.bare import BareLoop
from benchmarks.stream.sizes import size_rows
from tests.server.harness import (
    Client,
    Server,
    Timing,
    connect,
    follow,
    is_last_chunk,
    make_request,
)
from tests.server.remote_client import newly_paired_client

from livescape_shared.packing import ZSTD

JOB = "tests.server.stream_jobs:generate"


def stream_rows(rows: int, frames: int, repeats: int) -> list[dict[str, Any]]:
    """Return one row for each pair of runs."""
    found = []
    request = make_request("frames", steps=rows, frames=frames)
    with (
        tempfile.TemporaryDirectory() as folder,
        BareLoop(rows, frames) as bare,
    ):
        server = Server(Path(folder), "--listen", "127.0.0.1:0", job=JOB)
        try:
            with (
                connect(server, Timing()) as client,
                newly_paired_client(server, Path(folder) / "far") as far_client,
                Client(server.locate, name="packed", encoding=ZSTD) as packed_client,
            ):
                client.submit(request)
                follow(client, is_last_chunk, 300)
                for _ in range(repeats):
                    started = time.perf_counter()
                    size = bare.receive_all()
                    bare_s = time.perf_counter() - started
                    ours_s = _stream(client, request)
                    curve_s = _stream(far_client, request)
                    zstd_s = _stream(packed_client, request)
                    seconds = {"ours": ours_s, "curve": curve_s, "zstd": zstd_s}
                    found.append(
                        {"mb": size / 1e6, "bare_s": bare_s}
                        | {f"{name}_s": taken for name, taken in seconds.items()}
                        | {f"{name}_ratio": bare_s / taken for name, taken in seconds.items()}
                    )
        finally:
            server.stop()
    return found


def _stream(client: Any, request: Any) -> float:
    """Return the seconds from asking for a finished job to its last chunk."""
    started = time.perf_counter()
    client.submit(request)
    while True:
        for event in client.poll(wait_s=0.02):
            if is_last_chunk(event):
                return time.perf_counter() - started


def main() -> None:
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--frames", type=int, default=60)
    parser.add_argument("--repeats", type=int, default=15)
    options = parser.parse_args()
    rows = stream_rows(options.rows, options.frames, options.repeats)
    summary = {
        "ratio": statistics.median(row["ours_ratio"] for row in rows),
        "curve_ratio": statistics.median(row["curve_ratio"] for row in rows),
        "zstd_ratio": statistics.median(row["zstd_ratio"] for row in rows),
        "curve_mb_per_s": statistics.median(row["mb"] / row["curve_s"] for row in rows),
        "mb_per_s": statistics.median(row["mb"] / row["ours_s"] for row in rows),
    }
    sizes = size_rows()
    logging.getLogger("benchmarks.stream").info("%s\n", table(sizes))
    report("stream", rows, summary, {"sizes": sizes})


if __name__ == "__main__":
    main()
