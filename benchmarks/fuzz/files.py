"""Damaged files through every reader, each reader in a process of its own."""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
from benchmarks.fuzz.bombs import BOMBS
from benchmarks.fuzz.damage import STAGE_KEY, damage
from benchmarks.fuzz.splats import SPLATS, USD, UsdTrial, splat_files
from tests.imaging.damage import READERS, kinds, whole_files
from tests.shared import cache_samples, camera_samples
from tests.shared.samples import camera
from tests.shared.splat_samples import gaussians

from livescape.context.cache import StageCache
from livescape_shared.camera import CameraPath, read_camera_path, write_camera_path
from livescape_shared.connection import ServerInfo
from livescape_shared.errors import LivescapeError
from livescape_shared.formats.load import load_splats
from livescape_shared.gaussians import Gaussians
from livescape_shared.messages import PROTOCOL_VERSION

Reader = Callable[[bytes], Any]


def _by_file(folder: Path, name: str, read: Callable[[Path], Any]) -> Reader:
    path = folder / name

    def reader(data: bytes) -> Any:
        path.write_bytes(data)
        return read(path)

    return reader


def _connection(data: bytes) -> ServerInfo:
    return ServerInfo.from_json(data.decode(errors="replace"))


def _stage_reader(folder: Path) -> tuple[Reader, bytes]:
    """Return a reader of entries of the stage cache, and a whole entry."""
    cache = StageCache(folder / "stage", 10**9)

    def read(_: Path) -> Any:
        return cache.get(STAGE_KEY, Gaussians, lambda: gaussians(40))

    read(folder)
    entry = next(cache.folder.iterdir())
    return _by_file(cache.folder, entry.name, read), entry.read_bytes()


def readers(folder: Path) -> dict[str, tuple[Reader, list[bytes]]]:
    """Return every reader by name, with whole files that it reads."""
    whole = whole_files(folder)
    found: dict[str, tuple[Reader, list[bytes]]] = {
        name: (READERS[name][0], list(whole[name].values())) for name in READERS
    }
    for reader, kind in ALONE:
        found[f"{reader} {kind}"] = (READERS[reader][0], [whole[reader][kind]])
    for name, files in splat_files(folder).items():
        read = UsdTrial().read if name in USD else load_splats
        found[name] = (_by_file(folder, f"b{SPLATS[name]}", read), files)
    path = folder / "path.json"
    write_camera_path(path, CameraPath(camera(), (camera(), camera(0.5)), (1, 2), 24.0))
    found["camera path"] = (_by_file(folder, "b.json", read_camera_path), [path.read_bytes()])
    cameras = folder / "cameras"
    cameras.mkdir()
    for kind, (reader, data) in camera_samples.camera_files(cameras).items():
        found[f"cameras {kind}"] = (reader, [data])
    for name, (reader, data) in cache_samples.cache_files(folder / "caches").items():
        found[f"cache {name}"] = (reader, [data])
    info = ServerInfo("tcp://127.0.0.1:4", "t", 1, "1", PROTOCOL_VERSION).to_json().encode()
    found["server.json"] = (_connection, [info])
    stage, entry = _stage_reader(folder)
    found["stage cache"] = (stage, [entry])
    return found


def _reset_peak() -> None:
    with suppress(OSError):  # Linux alone can do this
        Path("/proc/self/clear_refs").write_text("5", encoding="ascii")


def _peak_mb() -> float:
    try:
        status = Path("/proc/self/status").read_text(encoding="ascii")
    except OSError:
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return next(
        int(line.split()[1]) / 1024 for line in status.splitlines() if line.startswith("VmHWM")
    )


ALONE = [
    (reader, kind)
    for reader, kind in kinds()
    if reader in ("hints", "regions") or kind in ("heic", "jxl", "avif", "tga", "sgi")
]
"""Kinds that are damaged as often as a whole reader, for each has one of its own below."""

MOST_PROCESSOR_S = 1.0
"""What a small file may take, damaged or not."""

BOUND_MB = {"photo": 1700, "mask": 1700, "depth": 1700, "flow": 2100, "hints": 1700,
            "regions": 2100, "4dgs": 600}  # fmt: skip
"""Memory that reading a file may take, as docs/inputs.md states it; fourdgs takes half a GB for a
stream that claims so."""

OTHERS_MB = 64

NAMES = (
    *READERS,
    *(f"{reader} {kind}" for reader, kind in ALONE),
    *SPLATS,
    *(f"cameras {kind}" for kind in camera_samples.KINDS),
    *(f"cache {name}" for name in cache_samples.KINDS),
    "camera path",
    "server.json",
    "stage cache",
)


def _bound_mb(name: str) -> int:
    return BOUND_MB.get(name.split(maxsplit=1)[0], OTHERS_MB)


def _too_much(grown: float, bound: int) -> str:
    return f"it took {grown:.0f} MB, and {bound} are allowed"


def damaged(name: str, count: int, seed: int) -> dict[str, Any]:
    """Give ``count`` damaged files to reader ``name``, in this process."""
    rng = np.random.default_rng([seed, *name.encode()])
    surprises: Counter[str] = Counter()
    slowest, processor, refused = 0.0, 0.0, 0
    with tempfile.TemporaryDirectory() as folder:
        read, whole = readers(Path(folder))[name]
        for data in whole:
            read(data)
        _reset_peak()
        before = _peak_mb()
        for number in range(count):
            data = damage(name, whole[number % len(whole)], rng)
            started, spent = time.perf_counter(), time.process_time()
            try:
                read(data)
            except LivescapeError:
                refused += 1
            except Exception as error:  # what the whole is about
                surprises[f"{type(error).__name__}: {error}"[:200]] += 1
            slowest = max(slowest, time.perf_counter() - started)
            taken = time.process_time() - spent
            processor = max(processor, taken)
            if taken > MOST_PROCESSOR_S:
                surprises[f"file {number} took {taken:.1f} s of a processor"] += 1
        grown, bound = _peak_mb() - before, _bound_mb(name)
    if grown > bound:
        surprises[_too_much(grown, bound)] += 1
    return {
        "what": f"files: {name}",
        "count": count,
        "refused": refused,
        "surprises": sum(surprises.values()),
        "slowest_s": slowest,
        "processor_s": processor,
        "grown_mb": grown,
        "bound_mb": bound,
        "kinds_of_surprise": dict(surprises),
    }


def blown_up(bomb: str) -> dict[str, Any]:
    """Read a file that is small on the disk and large in memory, in this process."""
    name, make = BOMBS[bomb]
    data = make()
    with tempfile.TemporaryDirectory() as folder:
        read, _ = readers(Path(folder))[name]
        surprises: dict[str, int] = {}
        outcome = "read"
        _reset_peak()
        before, started, spent = _peak_mb(), time.perf_counter(), time.process_time()
        try:
            read(data)
        except LivescapeError as error:
            outcome = error.code
        except Exception as error:  # what the whole is about
            surprises[f"{type(error).__name__}: {error}"[:200]] = 1
        seconds, processor = time.perf_counter() - started, time.process_time() - spent
    grown, bound = _peak_mb() - before, _bound_mb(name)
    if grown > bound:
        surprises[_too_much(grown, bound)] = 1
    return {
        "what": f"bomb: {bomb}",
        "count": 1,
        "bytes": len(data),
        "outcome": outcome,
        "surprises": len(surprises),
        "slowest_s": seconds,
        "processor_s": processor,
        "grown_mb": grown,
        "bound_mb": bound,
        "kinds_of_surprise": surprises,
    }


def apart(name: str, count: int = 0, seed: int = 0) -> dict[str, Any]:
    """Do :func:`damaged` or :func:`blown_up` in a process of its own, whose memory is its own."""
    command = [sys.executable, "-m", "benchmarks.fuzz.files", name, str(count), str(seed)]
    end = subprocess.run(command, capture_output=True, text=True, check=False)
    if end.returncode:
        reason = (end.stderr.strip().splitlines() or ["it died"])[-1]
        return {"what": name, "surprises": 1, "kinds_of_surprise": {reason: 1}}
    return dict(json.loads(end.stdout.splitlines()[-1]))


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("name", choices=(*NAMES, *BOMBS))
    parser.add_argument("count", type=int)
    parser.add_argument("seed", type=int)
    arguments = parser.parse_args()
    if arguments.name in BOMBS:
        result = blown_up(arguments.name)
    else:
        result = damaged(arguments.name, arguments.count, arguments.seed)
    sys.stdout.write("\n" + json.dumps(result) + "\n")


if __name__ == "__main__":
    main()
