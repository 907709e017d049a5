"""Pictures and splat files that other programs wrote, read here, and ours, read by them.

Run as ``python -m benchmarks.inputs [--parts pictures splats]`` (``make bench NAME=inputs``);
writes ``out/bench/inputs_pictures.json`` and ``out/bench/inputs.json``. Splats need node 20 or
newer and npm, which installs the programs into ``build/npm`` once; pictures of Blender's need
``make setup``. Ends with an error if any file comes out wrong.
"""

from __future__ import annotations

import argparse
import logging
import tempfile
from collections import Counter
from pathlib import Path

from benchmarks.inputs import picture_files, programs
from benchmarks.inputs.splat_files import cases
from benchmarks.measure import report

LOGGER = logging.getLogger(__name__)


PARTS = ("pictures", "splats")


def main() -> None:
    """Run every case and print a row for each."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--parts", nargs="+", choices=PARTS, default=PARTS)
    parts = parser.parse_args().parts
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    wrong = sum({"pictures": _pictures, "splats": _splats}[part]() for part in parts)
    if wrong:
        raise SystemExit(1)


def _pictures() -> int:
    rows = []
    for case in picture_files.cases():
        rows.append(case.run())
        LOGGER.info("%s", rows[-1])
    kept = [{name: row[name] for name in row if name != "said"} for row in rows]
    outcomes = Counter(row["outcome"] for row in rows)
    right = sum(row["right"] for row in rows)
    summary = {"files": len(rows), "right": right, **outcomes}
    report("inputs_pictures", kept, summary, {"said": [row for row in rows if "said" in row]})
    return len(rows) - int(right)


def _splats() -> int:
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
    return len(rows) - int(right)


if __name__ == "__main__":
    main()
