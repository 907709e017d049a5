"""How long the add-on ever holds Blender up: ``make bench NAME=heartbeat``.

A real server streams 100 000 Gaussians of 48 loop frames, twice, over a camera of 250 frames; each
call that the add-on makes on the main thread is timed, the scenes that come early included. Writes
``out/bench/heartbeat.json``.
"""

from __future__ import annotations

import logging
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.blender.processes import ROOT, Blender, build_extension, default_blenders
from benchmarks.measure import OUT, report

LOGGER = logging.getLogger("benchmarks.heartbeat")
STARTUP_S = 60.0


def main() -> None:
    """Measure in every Blender at hand."""
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    pythons = [Path(each) for each in sys.argv[1:]] or default_blenders()
    archive = build_extension(OUT / "heartbeat" / "extension")
    rows = []
    for index, python in enumerate(pythons):
        blender = Blender(python.absolute(), OUT / "heartbeat" / f"blender_{index}", archive)
        with tempfile.TemporaryDirectory() as folder:
            server = _server(Path(folder))
            try:
                os.environ["LIVESCAPE_STATE_DIR"] = folder
                found = blender.run("heartbeat")
            finally:
                server.terminate()
                server.wait(20)
        for which, values in found.items():
            rows.append({"blender": blender.version, "generation": which, **values})
            LOGGER.info("%s", rows[-1])
    worst = {f"{name}_seconds": max(row[name] for row in rows)
             for name in ("longest_call", "longest_call_cpu")}  # fmt: skip
    report("heartbeat", rows, worst, {})


def _server(folder: Path) -> subprocess.Popen[bytes]:
    """Start a server whose job is the one beside this file; return once it can be found."""
    command = [sys.executable, "-m", "livescape.server", "--state-dir", str(folder)]
    command += ["--job", "benchmarks.heartbeat.job:generate"]
    paths = os.pathsep.join([str(ROOT / "backend"), str(ROOT / "shared"), str(ROOT)])
    process = subprocess.Popen(command, env={**os.environ, "PYTHONPATH": paths})
    deadline = time.monotonic() + STARTUP_S
    while not (folder / "server" / "server.json").exists() and time.monotonic() < deadline:
        time.sleep(0.05)
    return process


if __name__ == "__main__":
    main()
