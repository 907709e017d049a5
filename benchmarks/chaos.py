"""What is lost when everything goes wrong at once: nothing.

Run as ``python -m benchmarks.chaos [--jobs 200] [--kills 20] [--seed 0]`` (``make bench
NAME=chaos``); writes ``out/bench/chaos.json``. Small real jobs on real servers: several clients
through a proxy that loses, repeats, exchanges, delays, cuts and holds messages, random cancels,
clients that end and come back, servers killed in between; then ``kill -9`` of workers, servers and
clients at random moments. Every figure but ``bit_equal``, ``done`` and ``cancelled`` is a promise
that holds if it is 0.
"""

from __future__ import annotations

import argparse
import json
import logging
import sys
import tempfile
from pathlib import Path

from benchmarks.measure import report
from tests.server.chaos_run import ChaosRun
from tests.server.kill_runs import kill_clients, kill_servers, kill_workers


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--jobs", type=int, default=200)
    parser.add_argument("--clients", type=int, default=4)
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        run = ChaosRun(
            _new(place, "chaos"),
            seed=options.seed,
            jobs=options.jobs,
            clients=options.clients,
            server_kills=options.kills,
        )
        chaos = run.run(timeout_s=3600.0)
        rows = []
        for name, kill in (
            ("worker", kill_workers),
            ("server", kill_servers),
            ("client", kill_clients),
        ):
            found = kill(_new(place, name), options.kills, options.seed)
            rows.append({"killed": name, "times": options.kills, **found})
    sys.stdout.write(json.dumps({**vars(options), "chaos": chaos, "kill -9": rows}, indent=2))
    report("chaos", rows, vars(options), {"chaos": chaos})


def _new(place: Path, name: str) -> Path:
    folder = place / name
    folder.mkdir()
    return folder


if __name__ == "__main__":
    main()
