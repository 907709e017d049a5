"""Damage: messages, files, bombs and strangers, until something breaks that should not.

Run as ``python -m benchmarks.fuzz [--parts messages live files bombs strangers]`` (``make bench
NAME=fuzz``); writes ``out/bench/fuzz.json``. Mutations are seeded, so a run can be repeated. A
surprise is an exception that is not ours; there must be none.
"""

from __future__ import annotations

import argparse
import logging
import tempfile
from pathlib import Path
from typing import Any

from benchmarks.fuzz.bombs import BOMBS
from benchmarks.fuzz.files import NAMES, apart
from benchmarks.fuzz.messages import in_process, live
from benchmarks.fuzz.strangers import ATTACKS, attacked
from benchmarks.measure import report
from tests.server.harness import Server

LOGGER = logging.getLogger(__name__)

REQUEST_MIB = 24
"""What a client may have on its way to the server, so that its memory shows any more."""

QUOTA_GIB = 0.25
"""So little that large results make room for each other."""

PARTS = ("messages", "live", "files", "bombs", "strangers")
COLUMNS = (
    "what",
    "count",
    "surprises",
    "slowest_s",
    "processor_s",
    "worst_ping_ms",
    "grown_mb",
    "log_bytes",
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--parts", nargs="+", choices=PARTS, default=PARTS)
    parser.add_argument("--messages", type=int, default=500_000)
    parser.add_argument("--live", type=int, default=10_000, help="before and after the greeting")
    parser.add_argument("--files", type=int, default=10_000, help="for each reader")
    parser.add_argument("--readers", nargs="+", choices=NAMES, default=NAMES)
    parser.add_argument("--attacks", nargs="+", choices=list(ATTACKS), default=list(ATTACKS))
    parser.add_argument("--seconds", type=float, default=20.0, help="of each attack")
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    found: list[dict[str, Any]] = []

    def note(row: dict[str, Any]) -> None:
        LOGGER.info("%s", row)
        found.append(row)

    if "messages" in arguments.parts:
        note(in_process(arguments.messages, arguments.seed))
    if "files" in arguments.parts:
        for name in arguments.readers:
            note(apart(name, arguments.files, arguments.seed))
    if "bombs" in arguments.parts:
        for name in BOMBS:
            note(apart(name))
    if {"live", "strangers"} & set(arguments.parts):
        with tempfile.TemporaryDirectory() as folder:
            _at_a_server(Path(folder), arguments, note)
    rows = [{column: row.get(column) for column in COLUMNS} for row in found]
    surprises = sum(row.get("surprises", 0) for row in found)
    dead = [row["what"] for row in found if not row.get("alive", True)]
    report("fuzz", rows, {"surprises": surprises, "servers_ended": len(dead)}, {"details": found})


def _at_a_server(folder: Path, arguments: argparse.Namespace, note: Any) -> None:
    limits = ("--largest-request", str(REQUEST_MIB), "--results-quota", str(QUOTA_GIB))
    server = Server(folder, *limits)
    try:
        if "live" in arguments.parts:
            for greeted in (False, True):
                note(live(server, arguments.live, arguments.seed, greeted=greeted))
        if "strangers" in arguments.parts:
            for name in arguments.attacks:
                note(attacked(server, name, arguments.seconds))
    finally:
        server.stop()


if __name__ == "__main__":
    main()
