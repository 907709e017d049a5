"""``.ksplat``, the file of mkkellogg/GaussianSplats3D (MIT): sections of buckets of Gaussians.

A header of 4096 bytes, one of 1024 bytes per section, then the sections: sizes of the buckets that
are not full, middles of the buckets, Gaussians. Compression 0 stores floats; 1 positions in 16
bits around the middle of their bucket and the rest as half floats; 2 harmonics in 8 bits as well.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from livescape_shared.formats.invalid import invalid_splats
from livescape_shared.gaussians import Float32Array, Gaussians
from livescape_shared.limits import MAX_GAUSSIANS
from livescape_shared.rendering import SH_COEFFICIENTS
from livescape_shared.splats import ImportedSplats, Splats

KIND = ".ksplat"

_HEADER, _SECTION = 4096, 1024
_HEAD = np.dtype(
    {
        "names": ["major", "minor", "most", "sections", "count", "level", "low", "high"],
        "formats": ["u1", "u1", "<u4", "<u4", "<u4", "<u2", "<f4", "<f4"],
        "offsets": [0, 1, 4, 8, 16, 20, 36, 40],
        "itemsize": _HEADER,
    }
)
_SECTION_HEAD = np.dtype(
    {
        "names": ["count", "room", "capacity", "buckets", "block", "storage", "range", "full",
                  "partial", "degree"],
        "formats": ["<u4", "<u4", "<u4", "<u4", "<f4", "<u2", "<u4", "<u4", "<u4", "<u2"],
        "offsets": [0, 4, 8, 12, 16, 20, 24, 32, 36, 40],
        "itemsize": _SECTION,
    }
)  # fmt: skip
_MOST_SECTIONS = 1 << 16
_RANGE = 32767
_SH_LIMIT = 1.5
_BUCKET_BYTES = 12


@dataclass(frozen=True)
class _File:
    path: Path
    data: NDArray[np.uint8]
    level: int
    low: float
    high: float


def looks_like(head: bytes) -> bool:
    """Return whether the beginning of a file may be that of a ``.ksplat``, which has no magic."""
    if len(head) < _HEAD["high"].itemsize + 40:
        return False
    one = np.frombuffer(head[:_HEADER].ljust(_HEADER, b"\0"), _HEAD)[0]
    versions = one["major"] == 0 and one["minor"] == 1 and head[2:4] == b"\0\0"
    return bool(versions and one["level"] <= 2 and 0 < one["sections"] <= one["most"])


def read_ksplat(path: Path) -> ImportedSplats:
    """Read a ``.ksplat`` file.

    Raises:
        LivescapeError: ``splats_invalid``; the sentence says what was found.
        OSError: From the file system.
    """
    data = np.fromfile(path, np.uint8)
    if len(data) < _HEADER or not looks_like(data[:_HEADER].tobytes()):
        raise invalid_splats(path, KIND, "it has no header of version 0.1")
    head = data[:_HEADER].view(_HEAD)[0]
    most, count = int(head["most"]), int(head["count"])
    if most > _MOST_SECTIONS or len(data) < _HEADER + most * _SECTION:
        raise invalid_splats(path, KIND, f"it ends before the headers of its {most} sections")
    if count > MAX_GAUSSIANS:
        raise invalid_splats(path, KIND, f"it announces {count} Gaussians")
    low, high = float(head["low"]) or -_SH_LIMIT, float(head["high"]) or _SH_LIMIT
    file = _File(path, data, int(head["level"]), low, high)
    start = _HEADER + most * _SECTION
    parts = []
    for section in data[_HEADER:start].view(_SECTION_HEAD):
        part, start = _section(file, section, start)
        parts.append(part)
    splats = Splats.concatenate(*parts)
    if len(splats) != count:
        raise invalid_splats(path, KIND, f"it holds {len(splats)} of {count} Gaussians")
    return ImportedSplats.sound(splats)


def _section(file: _File, head: np.void, start: int) -> tuple[Splats, int]:
    """Return the splats of a section, and where the next one starts."""
    count, room, degree = int(head["count"]), int(head["room"]), int(head["degree"])
    buckets, partial = int(head["buckets"]), int(head["partial"])
    if degree > 2 or count > room:
        raise invalid_splats(file.path, KIND, f"a section has degree {degree}")
    row = _row(file.level, degree)
    middles_at = start + 4 * partial
    rows_at = middles_at + int(head["storage"]) * buckets
    end = rows_at + row.itemsize * room
    if end > len(file.data):
        raise invalid_splats(file.path, KIND, "it ends within a section")
    rows = file.data[rows_at : rows_at + row.itemsize * count].view(row)
    means = rows["xyz"].astype(np.float32)
    if file.level and count:
        sizes = file.data[start:middles_at].view("<u4").astype(np.int64)
        means = _from_buckets(file, head, means, sizes, middles_at)
    rgba = rows["rgba"].astype(np.float32) / 255.0
    quats = rows["rot"].astype(np.float32)
    with np.errstate(invalid="ignore", divide="ignore"):
        quats = quats / np.linalg.norm(quats, axis=1, keepdims=True)
    scales = rows["scale"].astype(np.float32)
    gaussians = Gaussians(means, quats, scales, rgba[:, 3], rgba[:, :3])
    return Splats(gaussians, _harmonics(file, rows, degree)), end


def _row(level: int, degree: int) -> np.dtype[np.void]:
    float_, position = ("<f4", "<f4") if level == 0 else ("<f2", "<u2")
    rest = {0: "<f4", 1: "<f2", 2: "u1"}[level]
    return np.dtype(
        [
            ("xyz", position, 3),
            ("scale", float_, 3),
            ("rot", float_, 4),
            ("rgba", "u1", 4),
            ("rest", rest, 3 * SH_COEFFICIENTS[degree]),
        ]
    )


def _from_buckets(
    file: _File, head: np.void, fixed: Float32Array, sizes: NDArray[np.int64], at: int
) -> Float32Array:
    """Return positions from their distances to the middles of their buckets."""
    full, buckets = int(head["full"]), int(head["buckets"])
    lengths = np.concatenate([np.full(min(full, buckets), int(head["capacity"])), sizes])
    storage = int(head["storage"])
    known = storage >= _BUCKET_BYTES and len(lengths) <= buckets and full <= buckets
    ends = np.cumsum(lengths)
    if not known or not len(ends) or ends[-1] < len(fixed):
        raise invalid_splats(file.path, KIND, "its buckets do not fit its Gaussians")
    of = np.searchsorted(ends, np.arange(len(fixed)), side="right")
    raw = file.data[at : at + storage * buckets].reshape(buckets, storage)[:, :_BUCKET_BYTES]
    middles = np.ascontiguousarray(raw).view("<f4")
    span = float(int(head["range"]) or _RANGE)
    factor = np.float32(float(head["block"]) / 2.0 / span)
    return np.asarray((fixed - np.float32(span)) * factor + middles[of], dtype=np.float32)


def _harmonics(file: _File, rows: NDArray[np.void], degree: int) -> Float32Array | None:
    """Return [N, K, 3]; each degree is stored by itself, one channel after another."""
    if not degree:
        return None
    values = rows["rest"].astype(np.float32)
    if file.level == 2:
        values = file.low + values / 255.0 * (file.high - file.low)
    bands = np.split(values, [9], axis=1)
    shaped = [band.reshape(len(rows), 3, -1).transpose(0, 2, 1) for band in bands[:degree]]
    return np.concatenate(shaped, axis=1).astype(np.float32)
