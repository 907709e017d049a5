"""SPZ, version 3: Niantic's compact splat file, about a tenth of a PLY.

A gzip stream: header ``<IIIBBBB`` (magic, version, points, SH degree, fractional bits, flags,
reserved), then per attribute the values of all points: positions (24-bit fixed point), alphas,
colours, log scales (8 bits each), rotations (the three smallest components in 10 bits, index of
the largest), spherical harmonics. Axes are x right, y up, z back.
Layout: README and ``load-spz.cc`` of github.com/nianticlabs/spz (MIT).
"""

from __future__ import annotations

import gzip
import struct
import zlib
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from livescape_shared.errors import LivescapeError
from livescape_shared.gaussians import Gaussians
from livescape_shared.ply_header import MAX_VERTICES
from livescape_shared.rendering import SH_C0, SH_COEFFICIENTS
from livescape_shared.splats import ImportedSplats, Splats

AXES = "y_up"
MAGIC = 0x5053474E

_HEADER = struct.Struct("<IIIBBBB")
_VERSION = 3
_MOST_FRACTIONAL_BITS = 16
_COLOR_SCALE = 0.15
_MAGNITUDE = 511
_SQRT_HALF = 0.5**0.5
_GZIP_LEVEL = 6

_SMALL = 2**24
_MOST_PACKED = 64
"""Gzip packs zeros 1000 to 1, but Gaussians, of which no two are alike, 2 to 1 or so: what would
unpack to over 16 MiB and to more than this times its size is made to fill memory."""

Bytes = NDArray[np.uint8]


def write_spz(path: Path, splats: Splats) -> None:
    """Write splats, which must stand in the file's axes, ``AXES``.

    Raises:
        OSError: From the file system.
    """
    gaussians = splats.gaussians
    bits = _fractional_bits(gaussians.means)
    header = _HEADER.pack(MAGIC, _VERSION, len(splats), splats.degree, bits, 0, 0)
    sections = [
        _pack_positions(gaussians.means, bits),
        _to_bytes(gaussians.opacities * 255.0),
        _to_bytes((gaussians.colors - 0.5) / SH_C0 * (_COLOR_SCALE * 255.0) + 127.5),
        _to_bytes((np.log(np.maximum(gaussians.scales, 1e-12)) + 10.0) * 16.0),
        _pack_rotations(gaussians.quats),
    ]
    if splats.harmonics is not None:
        sections.append(_to_bytes(splats.harmonics * 128.0 + 128.0))
    with gzip.GzipFile(path, "wb", _GZIP_LEVEL, mtime=0) as stream:
        stream.write(header)
        for section in sections:
            stream.write(section.tobytes())


def read_spz(path: Path) -> ImportedSplats:
    """Read an SPZ file of version 2 or 3; its splats stand in ``AXES``.

    Raises:
        LivescapeError: ``spz_invalid``; the sentence says what was found.
    """
    count, degree, bits, version, data = _inflate(path)
    kept = SH_COEFFICIENTS[min(degree, 3)]
    stored = (degree + 1) ** 2 - 1
    sizes = [9, 1, 3, 3, 4 if version == _VERSION else 3, 3 * stored]
    parts = np.split(data, np.cumsum(np.array(sizes) * count)[:-1])
    shaped = [part.reshape(count, size) for part, size in zip(parts, sizes, strict=True)]
    positions, alphas, colors, scales, rotations, rest = shaped
    unpack = _unpack_rotations if version == _VERSION else _unpack_three
    gaussians = Gaussians(
        means=_unpack_positions(positions, bits),
        quats=unpack(rotations),
        scales=np.exp(scales.astype(np.float32) / 16.0 - 10.0),
        opacities=alphas[:, 0].astype(np.float32) / 255.0,
        colors=0.5 + SH_C0 * (colors.astype(np.float32) / 255.0 - 0.5) / _COLOR_SCALE,
    )
    harmonics = None
    if kept:
        shown = rest.reshape(count, stored, 3)[:, :kept]
        harmonics = (shown.astype(np.float32) - 128.0) / 128.0
    return ImportedSplats.sound(Splats(gaussians, harmonics))


def _invalid(path: Path, what: str) -> LivescapeError:
    return LivescapeError(
        "spz_invalid",
        f"{path.name} is not a readable SPZ file: {what}.",
        hint="Expected a file of SPZ version 2 or 3; a PLY of the same scene can be imported too.",
    )


def _inflate(path: Path) -> tuple[int, int, int, int, Bytes]:
    """Return points, SH degree, fractional bits, version and the bytes behind the header.

    No more is unpacked than the header announces, however much the stream holds.
    """
    unpacker = zlib.decompressobj(wbits=31)
    try:
        packed = path.read_bytes()
        head = unpacker.decompress(packed, _HEADER.size)
        if len(head) < _HEADER.size:
            raise _invalid(path, "it has no header")
        magic, version, count, degree, bits, _, _ = _HEADER.unpack(head)
        if magic != MAGIC or version not in (2, _VERSION) or degree > 4 or bits > 24:
            raise _invalid(path, f"its header says version {version}, degree {degree}")
        if count > MAX_VERTICES:
            raise _invalid(path, f"it announces {count} Gaussians")
        size = count * (16 + (4 if version == _VERSION else 3) + 3 * ((degree + 1) ** 2 - 1))
        if size > _SMALL + _MOST_PACKED * len(packed):
            raise _invalid(path, f"{len(packed)} bytes cannot hold {count} Gaussians")
        data = unpacker.decompress(unpacker.unconsumed_tail, size) if size else b""
    except OSError as error:
        raise _invalid(path, error.strerror or "it cannot be opened") from error
    except zlib.error as error:
        raise _invalid(path, "it is not a gzip stream") from error
    if len(data) != size:
        raise _invalid(path, f"it holds {len(data)} of {size} bytes")
    return count, degree, bits, version, np.frombuffer(data, dtype=np.uint8)


def _to_bytes(values: NDArray[np.floating[Any]]) -> Bytes:
    return np.asarray(np.clip(np.rint(values), 0, 255), dtype=np.uint8)


def _fractional_bits(means: NDArray[np.float32]) -> int:
    """Return the finest fixed point in which the farthest coordinate still fits 24 bits."""
    farthest = float(np.abs(means).max(initial=1.0))
    return int(np.clip(np.floor(np.log2((2**23 - 1) / farthest)), 0, _MOST_FRACTIONAL_BITS))


def _pack_positions(means: NDArray[np.float32], bits: int) -> Bytes:
    fixed = np.rint(means.astype(np.float64) * 2.0**bits)
    whole = np.clip(fixed, -(2**23), 2**23 - 1).astype("<i4")
    return np.ascontiguousarray(whole).view(np.uint8).reshape(-1, 3, 4)[:, :, :3]


def _unpack_positions(packed: Bytes, bits: int) -> NDArray[np.float32]:
    """Put the three bytes of each number above an empty one; the shift back keeps the sign."""
    padded = np.zeros((len(packed), 3, 4), dtype=np.uint8)
    padded[:, :, 1:] = packed.reshape(-1, 3, 3)
    whole = padded.view("<i4")[:, :, 0] >> 8
    return (whole / 2.0**bits).astype(np.float32)


def _pack_rotations(quats: NDArray[np.float32]) -> Bytes:
    xyzw = np.roll(quats, -1, axis=1).astype(np.float64)
    largest = np.argmax(np.abs(xyzw), axis=1)
    rows = np.arange(len(xyzw))
    xyzw = np.where(xyzw[rows, largest, None] < 0.0, -xyzw, xyzw)
    magnitudes = np.clip(np.rint(np.abs(xyzw) / _SQRT_HALF * _MAGNITUDE), 0, _MAGNITUDE)
    fields = magnitudes.astype(np.uint32) | ((xyzw < 0.0).astype(np.uint32) << 9)
    packed = np.zeros(len(xyzw), dtype="<u4")
    for axis in range(4):
        packed = np.where(largest == axis, packed, (packed << 10) | fields[:, axis])
    packed |= largest.astype("<u4") << 30
    return np.ascontiguousarray(packed, dtype="<u4").view(np.uint8).reshape(-1, 4)


def _unpack_rotations(packed: Bytes) -> NDArray[np.float32]:
    rest = np.ascontiguousarray(packed).view("<u4")[:, 0].copy()
    largest = rest >> 30
    xyzw = np.zeros((len(packed), 4))
    for axis in (3, 2, 1, 0):
        stored = largest != axis
        size = (rest & _MAGNITUDE) / _MAGNITUDE * _SQRT_HALF
        xyzw[:, axis] = np.where(stored, np.where(rest >> 9 & 1, -size, size), 0.0)
        rest = np.where(stored, rest >> 10, rest)
    hidden = np.sqrt(np.maximum(1.0 - np.sum(xyzw * xyzw, axis=1), 0.0))
    xyzw[np.arange(len(xyzw)), largest] = hidden
    return np.roll(xyzw, 1, axis=1).astype(np.float32)


def _unpack_three(packed: Bytes) -> NDArray[np.float32]:
    """Return quaternions of version 2, which stores x, y, z with w >= 0."""
    xyz = packed.astype(np.float32) / 127.5 - 1.0
    w = np.sqrt(np.maximum(1.0 - np.sum(xyz * xyz, axis=1, keepdims=True), 0.0))
    quats = np.concatenate([w, xyz], axis=1)
    return np.asarray(quats / np.linalg.norm(quats, axis=1, keepdims=True), dtype=np.float32)
