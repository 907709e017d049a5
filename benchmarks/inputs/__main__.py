"""Splat files that other programs wrote, read here, and ours, read by them.

Run as ``python -m benchmarks.inputs`` (``make bench NAME=inputs``); writes
``out/bench/inputs.json``. Needs node 20 or newer and npm, which installs the programs into
``build/npm`` once. Ends with an error if any file comes out wrong.
"""

from __future__ import annotations

import logging
import tempfile
from pathlib import Path

from benchmarks.inputs import programs
from benchmarks.inputs.splat_files import cases
from benchmarks.measure import report

LOGGER = logging.getLogger(__name__)


def main() -> None:
    """Run every case and print a row for each."""
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    logging.getLogger("gsply").setLevel(logging.WARNING)
    programs.install()
    rows = []
    for case in cases():
        with tempfile.TemporaryDirectory() as folder:
            row = case.run(Path(folder))
        rows.append(row)
        LOGGER.info("%s -> %s: %s", row["writer"], row["reader"], row.get("error", row["right"]))
    right = sum(row["right"] for row in rows)
    foreign = sum(row["reader"] == "livescape" for row in rows)
    errors = [row for row in rows if "error" in row]
    kept = [{name: row[name] for name in row if name != "error"} for row in rows]
    summary = {"files": len(rows), "by_others": foreign, "right": right}
    report("inputs", kept, summary, {"errors": errors})
    if right < len(rows):
        raise SystemExit(1)


if __name__ == "__main__":
    main()
