"""The two envelopes of SPZ: one gzip stream up to version 3, Zstandard streams in version 4.

Version 1 to 3: everything, the header ``<IIIBBBB`` first, in one gzip stream. Version 4: a plain
header ``<IIIBBBBI12x`` (as before, then the number of streams, where their table starts), records
of extensions, the table ``<QQ`` of packed and unpacked sizes, then one Zstandard frame per
attribute. Layout: README and ``load-spz.cc`` of github.com/nianticlabs/spz (MIT).

No more is unpacked than the header's count of Gaussians needs, and that only if the file is large
enough to hold so many.
"""

from __future__ import annotations

import gzip
import struct
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from livescape_shared.errors import LivescapeError
from livescape_shared.limits import MAX_GAUSSIANS

MAGIC = 0x5053474E
SIGNATURE = struct.pack("<I", MAGIC)
NEWEST = 4
MOST_DEGREE = 4

_HEADER = struct.Struct("<IIIBBBB")
_NEW_HEADER = struct.Struct("<IIIBBBBI12x")
_ENTRY = struct.Struct("<QQ")
_RECORD = struct.Struct("<II")
_COORDINATES = 0xADBE0003
_GZIP_LEVEL = 6
_ZSTD_LEVEL = 9

_SMALL = 2**24
_MOST_PACKED = 64
"""Gzip packs zeros 1000 to 1, but Gaussians, of which no two are alike, 2 to 1 or so: what would
unpack to over 16 MiB and to more than this times its size is made to fill memory."""

Bytes = NDArray[np.uint8]


@dataclass(frozen=True)
class Header:
    """What an SPZ file says of itself.

    Attributes:
        version: 1 to 4.
        count: Number of Gaussians.
        degree: Of their spherical harmonics, 0 to 4.
        bits: Fractional bits of a coordinate.
        coordinates: Number of the named coordinate system, 0 where none is named.
    """

    version: int
    count: int
    degree: int
    bits: int
    coordinates: int = 0

    @property
    def sizes(self) -> list[int]:
        """Bytes per Gaussian of positions, alphas, colours, scales, rotations and harmonics."""
        positions = 6 if self.version == 1 else 9
        rotations = 4 if self.version >= 3 else 3
        return [positions, 1, 3, 3, rotations, 3 * ((self.degree + 1) ** 2 - 1)]


def invalid_spz(path: Path, what: str) -> LivescapeError:
    """Return the error of an SPZ that cannot be used; ``what`` ends the sentence."""
    return LivescapeError(
        "spz_invalid",
        f"{path.name} is not a readable SPZ file: {what}.",
        hint="Expected a file of SPZ version 1 to 4; a PLY of the same scene can be imported too.",
    )


def write_streams(path: Path, header: Header, sections: Sequence[Bytes]) -> None:
    """Write a file of version 3 or 4.

    Args:
        path: The file.
        header: Its version chooses the envelope.
        sections: One array per entry of ``header.sizes``; those of size 0 are left out.

    Raises:
        LivescapeError: ``zstandard_missing``.
        OSError: From the file system.
    """
    plain = (MAGIC, header.version, header.count, header.degree, header.bits, 0)
    if header.version < NEWEST:
        with gzip.GzipFile(path, "wb", _GZIP_LEVEL, mtime=0) as stream:
            stream.write(_HEADER.pack(*plain, 0))
            for section in sections:
                stream.write(section.tobytes())
        return
    packer = _zstandard().ZstdCompressor(level=_ZSTD_LEVEL, write_checksum=True)
    raw = [section.tobytes() for section in sections if section.size]
    packed = [packer.compress(data) for data in raw]
    with path.open("wb") as stream:
        stream.write(_NEW_HEADER.pack(*plain, len(packed), _NEW_HEADER.size))
        for short, whole in zip(packed, raw, strict=True):
            stream.write(_ENTRY.pack(len(short), len(whole)))
        for short in packed:
            stream.write(short)


def read_streams(path: Path, packed: bytes) -> tuple[Header, list[Bytes]]:
    """Return the header and, for each entry of its ``sizes``, an array [N, size].

    Args:
        path: Names the file in errors.
        packed: Its content.

    Raises:
        LivescapeError: ``spz_invalid`` or ``zstandard_missing``.
    """
    if packed.startswith(SIGNATURE):
        header, parts = _frames(path, packed)
    else:
        header, parts = _inflated(path, packed)
    arrays = [np.frombuffer(part, dtype=np.uint8) for part in parts]
    shapes = [(header.count, size) for size in header.sizes]
    return header, [part.reshape(shape) for part, shape in zip(arrays, shapes, strict=True)]


def _checked(path: Path, held: int, header: Header) -> Header:
    """Refuse what is no SPZ, or announces more than ``held`` bytes can hold."""
    known = 1 <= header.version <= NEWEST and header.degree <= MOST_DEGREE and header.bits <= 24
    if not known:
        what = f"its header says version {header.version}, degree {header.degree}"
        raise invalid_spz(path, what)
    if header.count > MAX_GAUSSIANS:
        raise invalid_spz(path, f"it announces {header.count} Gaussians")
    if header.count * sum(header.sizes) > _SMALL + _MOST_PACKED * held:
        raise invalid_spz(path, f"{held} bytes cannot hold {header.count} Gaussians")
    return header


def _inflated(path: Path, packed: bytes) -> tuple[Header, list[bytes]]:
    unpacker = zlib.decompressobj(wbits=31)
    try:
        head = unpacker.decompress(packed, _HEADER.size)
        if len(head) < _HEADER.size:
            raise invalid_spz(path, "it has no header")
        magic, version, count, degree, bits, _, _ = _HEADER.unpack(head)
        if magic != MAGIC or version >= NEWEST:
            raise invalid_spz(path, f"its header says version {version}, degree {degree}")
        header = _checked(path, len(packed), Header(version, count, degree, bits))
        size = count * sum(header.sizes)
        data = unpacker.decompress(unpacker.unconsumed_tail, size) if size else b""
    except zlib.error as error:
        raise invalid_spz(path, "it is neither a gzip stream nor of version 4") from error
    if len(data) != size:
        raise invalid_spz(path, f"it holds {len(data)} of {size} bytes")
    ends = np.cumsum(np.array(header.sizes) * count)
    return header, [data[end - n * count : end] for end, n in zip(ends, header.sizes, strict=True)]


def _frames(path: Path, packed: bytes) -> tuple[Header, list[bytes]]:
    if len(packed) < _NEW_HEADER.size:
        raise invalid_spz(path, "it has no header")
    _, version, count, degree, bits, _, streams, table = _NEW_HEADER.unpack_from(packed)
    if version < NEWEST:
        raise invalid_spz(path, f"its header says version {version}, and is not packed")
    named = _coordinates(packed[_NEW_HEADER.size : table])
    header = _checked(path, len(packed), Header(version, count, degree, bits, named))
    wanted = [size * count for size in header.sizes]
    start = table + streams * _ENTRY.size
    if table < _NEW_HEADER.size or start > len(packed) or streams != np.count_nonzero(wanted):
        raise invalid_spz(path, "its table of streams is damaged")
    entries = iter(_ENTRY.iter_unpack(packed[table:start]))
    parts = []
    for size in wanted:
        if not size:
            parts.append(b"")
            continue
        held, announced = next(entries)
        if announced != size or start + held > len(packed):
            raise invalid_spz(path, "its table of streams does not fit its Gaussians")
        parts.append(_unpacked(path, packed[start : start + held], size))
        start += held
    return header, parts


def _unpacked(path: Path, frame: bytes, size: int) -> bytes:
    """Unpack one Zstandard frame, which must say itself that it is of this size, or not say it."""
    library = _zstandard()
    try:
        stated = library.get_frame_parameters(frame).content_size
        if stated not in (size, library.CONTENTSIZE_UNKNOWN):
            raise invalid_spz(path, f"a stream holds {stated} of {size} bytes")
        data: bytes = library.ZstdDecompressor().decompress(frame, max_output_size=size)
    except library.ZstdError as error:
        raise invalid_spz(path, "a stream is damaged") from error
    if len(data) != size:
        raise invalid_spz(path, f"a stream holds {len(data)} of {size} bytes")
    return data


def _coordinates(records: bytes) -> int:
    """Return the coordinate system that an extension names; 0 if none does."""
    at = 0
    while at + _RECORD.size <= len(records):
        kind, length = _RECORD.unpack_from(records, at)
        at += _RECORD.size
        if kind == _COORDINATES and length == 4 and at + 4 <= len(records):
            return int.from_bytes(records[at : at + 4], "little")
        at += length
    return 0


def _zstandard() -> Any:
    try:
        import zstandard
    except ImportError as error:
        raise LivescapeError(
            "zstandard_missing",
            "The library zstandard, which SPZ 4 is packed with, is not installed.",
            hint="pip install zstandard, or use SPZ version 3 or PLY.",
        ) from error
    return zstandard
