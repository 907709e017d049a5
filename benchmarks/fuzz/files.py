"""Damaged files through every reader, each reader in a process of its own."""

from __future__ import annotations

import argparse
import gzip
import hashlib
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
from tests.imaging.damage import READERS, mutated, whole_files
from tests.shared.samples import camera
from tests.shared.splat_samples import gaussians

from livescape.context.cache import StageCache
from livescape_shared.camera import CameraPath, read_camera_path, write_camera_path
from livescape_shared.connection import ServerInfo
from livescape_shared.errors import LivescapeError
from livescape_shared.formats.load import load_splats
from livescape_shared.formats.spz import write_spz
from livescape_shared.gaussians import Gaussians
from livescape_shared.messages import PROTOCOL_VERSION
from livescape_shared.ply import write_ply
from livescape_shared.splats import Splats

Reader = Callable[[bytes], Any]

STAGE_KEY = "key"


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
    spz, ply, path = folder / "a.spz", folder / "a.ply", folder / "path.json"
    write_spz(spz, Splats(gaussians(40)))
    write_ply(ply, gaussians(40))
    write_camera_path(path, CameraPath(camera(), (camera(), camera(0.5)), (1, 2), 24.0))
    found["spz"] = (_by_file(folder, "b.spz", load_splats), [spz.read_bytes()])
    found["ply"] = (_by_file(folder, "b.ply", load_splats), [ply.read_bytes()])
    found["camera path"] = (_by_file(folder, "b.json", read_camera_path), [path.read_bytes()])
    info = ServerInfo("tcp://127.0.0.1:4", "t", 1, "1", PROTOCOL_VERSION).to_json().encode()
    found["server.json"] = (_connection, [info])
    stage, entry = _stage_reader(folder)
    found["stage cache"] = (stage, [entry])
    return found


Mutation = Callable[[bytes, np.random.Generator], bytes]

OTHERS: list[Any] = [
    None,
    True,
    -1,
    2**70,
    1e308,
    1.5,
    "",
    "x" * 300,
    [],
    [[]],
    [1] * 50,
    {},
    {"a": {}},
]
DEEP = b"[" * 50_000


def _in_json(data: bytes, rng: np.random.Generator) -> bytes:
    """Put another value somewhere into a JSON file; no damage to bytes would get so far."""
    values = json.loads(data)
    spots: list[tuple[Any, Any]] = []

    def walk(node: Any) -> None:
        for key in node if isinstance(node, dict) else range(len(node)):
            spots.append((node, key))
            if isinstance(node[key], dict | list):
                walk(node[key])

    walk(values)
    node, key = spots[int(rng.integers(len(spots)))]
    node[key] = OTHERS[int(rng.integers(len(OTHERS)))]
    text: bytes = json.dumps(values).encode()
    return bytes(text.replace(b"1.5", DEEP if rng.random() < 0.1 else b"1e999"))


def _in_gzip(data: bytes, rng: np.random.Generator) -> bytes:
    inside: bytes = mutated(gzip.decompress(data), rng)
    return gzip.compress(inside, 1)


def _under_hash(data: bytes, rng: np.random.Generator) -> bytes:
    payload: bytes = mutated(data[32:], rng)
    return hashlib.sha256(payload + STAGE_KEY.encode()).digest() + payload


INSIDE: dict[str, Mutation] = {
    "spz": _in_gzip,
    "stage cache": _under_hash,
    "camera path": _in_json,
    "server.json": _in_json,
    "hints": _in_json,
}
"""Ways past what any damage to bytes would break first."""


def _damage(name: str, data: bytes, rng: np.random.Generator) -> bytes:
    inside = INSIDE.get(name)
    return inside(data, rng) if inside is not None and rng.random() < 0.7 else mutated(data, rng)


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


BOUND_MB = {"photo": 1700, "mask": 1700, "depth": 1700, "flow": 2100}
"""Memory that reading a file may take, as docs/inputs.md states it; of other readers, 64 MB."""

NAMES = (*READERS, "spz", "ply", "camera path", "server.json", "stage cache")


def damaged(name: str, count: int, seed: int) -> dict[str, Any]:
    """Give ``count`` damaged files to reader ``name``, in this process."""
    rng = np.random.default_rng([seed, *name.encode()])
    surprises: Counter[str] = Counter()
    slowest, refused = 0.0, 0
    with tempfile.TemporaryDirectory() as folder:
        read, whole = readers(Path(folder))[name]
        for data in whole:
            read(data)
        _reset_peak()
        before = _peak_mb()
        for number in range(count):
            data = _damage(name, whole[number % len(whole)], rng)
            started = time.perf_counter()
            try:
                read(data)
            except LivescapeError:
                refused += 1
            except Exception as error:  # what the whole is about
                surprises[f"{type(error).__name__}: {error}"[:200]] += 1
            slowest = max(slowest, time.perf_counter() - started)
        grown = _peak_mb() - before
    return {
        "what": f"files: {name}",
        "count": count,
        "refused": refused,
        "surprises": sum(surprises.values()),
        "slowest_s": slowest,
        "grown_mb": grown,
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
    grown, bound = _peak_mb() - before, BOUND_MB.get(name, 64)
    if grown > bound:
        surprises[f"it took {grown:.0f} MB, and {bound} are allowed"] = 1
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
