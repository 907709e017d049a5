"""What a first sight costs a server: ``make bench NAME=first_sight``.

A real server is asked for a scene of the demonstration photo, with all that comes early, and told
to stop at the first scene that moves. In turn: a server that must be started and whose kernels have
never been compiled; one that must be started; and one that is ready. Then every Blender at hand is
watched, without a window, from *Generate* to what a cancel leaves, with a server that is ready.

Seconds that passed stand beside those of computing, which a busy machine does not stretch; of the
former, ten on two quiet cores are aimed at. Writes ``out/bench/first_sight.json``.
"""

from __future__ import annotations

import argparse
import io
import logging
import os
import tempfile
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

import psutil
from benchmarks.blender.processes import Blender, build_extension, default_blenders
from benchmarks.measure import OUT, report
from PIL import Image
from tests.server.harness import Client, Server

from livescape.cameras.default_path import default_path
from livescape.cameras.photo_camera import default_intrinsics
from livescape.imaging.decode import decode_photo
from livescape_shared.request import GenerateRequest
from livescape_shared.settings import preset_settings

LOGGER = logging.getLogger("benchmarks.first_sight")
ROOT = Path(__file__).parents[1]
PHOTO = ROOT / "demo" / "chenonceau_river.jpg"
JOB = "livescape.pipeline:generate"
FRAMES = 48
PATIENCE_S = 600.0


class Clock:
    """Seconds since it was made: those that passed, and those a server computed."""

    def __init__(self, server: Server | None) -> None:
        self._server = server
        self._began = time.perf_counter()
        self._before = computed(server)

    def of(self, server: Server) -> None:
        """Read that server's from now on, from its beginning."""
        self._server = server

    @property
    def passed(self) -> float:
        """The seconds that passed."""
        return time.perf_counter() - self._began

    def read(self) -> tuple[float, float]:
        """Return the seconds that passed, and those of computing."""
        return round(self.passed, 2), round(computed(self._server) - self._before, 2)


def computed(server: Server | None) -> float:
    """Return the processor time of a server and its workers."""
    if server is None:
        return 0.0
    total = 0.0
    process = psutil.Process(server.process.pid)
    for each in [process, *process.children(recursive=True)]:
        with suppress(psutil.NoSuchProcess):
            times = each.cpu_times()
            total += times.user + times.system
    return total


def asked(width: int, seed: int) -> GenerateRequest:
    """Return what Blender would ask for: a draft of the photo with sides of 4 to 3."""
    with Image.open(PHOTO) as large:
        stream = io.BytesIO()
        large.convert("RGB").resize((width, 3 * width // 4)).save(stream, "JPEG", quality=95)
    photo = decode_photo(stream.getvalue())
    width, height = photo.size
    path = default_path(default_intrinsics(photo, width, height), width, height, FRAMES)
    settings = preset_settings("draft").changed(seed=seed)
    return GenerateRequest(path, settings, photo=stream.getvalue())


def watch(server: Server, request: GenerateRequest, clock: Clock) -> dict[str, Any]:
    """Submit, and return when the first two scenes and the end of a cancel had come."""
    found: dict[str, Any] = {}
    names: list[str] = []
    cancelled: Clock | None = None
    with Client(server.locate) as client:
        job = client.submit(request, previews=True)
        while clock.passed < PATIENCE_S:
            for event in client.poll(0.05, 0.02):
                part = getattr(event, "part", None)
                if part is not None and part.seq + 1 == part.total and part.job not in names:
                    names.append(part.job)
                    name = ("still", "moving", "fitted")[len(names) - 1]
                    found[f"{name}_s"], found[f"{name}_computed_s"] = clock.read()
                    if len(names) == 2:
                        cancelled = Clock(server)
                        client.cancel(job)
            if cancelled is not None and job not in client.jobs:
                found["cancel_s"], found["cancel_computed_s"] = cancelled.read()
                break
    return found


def main() -> None:
    """Measure in all states, with a small and a large photo."""
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    parser = argparse.ArgumentParser()
    parser.add_argument("--widths", default="512,1920")
    widths = [int(each) for each in parser.parse_args().widths.split(",")]
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        os.environ["NUMBA_CACHE_DIR"] = str(Path(folder) / "kernels")
        os.environ["LIVESCAPE_CACHE_DIR"] = str(Path(folder) / "stages")
        seed = 0
        for state in ("kernels are compiled", "server starts", "server is ready"):
            for width in widths[:1] if state == "kernels are compiled" else widths:
                place = Path(tempfile.mkdtemp(dir=folder))
                seed += 1
                request = asked(width, seed)
                server = None
                clock = Clock(None)
                try:
                    server = Server(place, job=JOB)
                    clock.of(server)
                    if state == "server is ready":
                        _wait_until_idle(server)
                        clock = Clock(server)
                    found = watch(server, request, clock)
                finally:
                    if server is not None:
                        server.stop()
                load = round(os.getloadavg()[0], 1)
                rows.append({"when": state, "width": width, "load": load, **found})
                LOGGER.info("%s", rows[-1])
    report("first_sight", rows, {}, {"in_blender": _in_blender()})


def _in_blender() -> list[dict[str, Any]]:
    """Return what each Blender takes from Generate to its object."""
    archive = build_extension(OUT / "first_sight" / "extension")
    rows = []
    for index, python in enumerate(default_blenders()):
        blender = Blender(python.absolute(), OUT / "first_sight" / f"blender_{index}", archive)
        with tempfile.TemporaryDirectory() as folder:
            server = Server(Path(folder), job=JOB)
            os.environ["LIVESCAPE_STATE_DIR"] = str(server.state_dir)
            try:
                _wait_until_idle(server)
                found = blender.run("first_sight", photo=str(PHOTO))
            finally:
                server.stop()
        load = round(os.getloadavg()[0], 1)
        rows.append({"blender": blender.version, "load": load, **found})
        LOGGER.info("%s", rows[-1])
    return rows


def _wait_until_idle(server: Server) -> None:
    """Wait until the worker has loaded: it computes no more."""
    before, quiet = -1.0, 0
    while quiet < 3:
        time.sleep(0.5)
        now = computed(server)
        quiet = quiet + 1 if now - before < 0.03 else 0
        before = now


if __name__ == "__main__":
    main()
