"""Small files that would be large in memory: the largest that are allowed, and those beyond."""

from __future__ import annotations

import gzip
import io
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator

import numpy as np

from livescape_shared.formats import spz_streams

LARGEST = 8192
"""Longest side that is allowed."""

BEYOND = 30_000
ROWS = 64


def _png(width: int, height: int, channels: int) -> bytes:
    """Return a black PNG of 16 bits, grey or RGBA, made a few rows at a time."""
    colour = {1: 0, 4: 6}[channels]
    row = bytes(1 + 2 * channels * width)

    def chunk(name: bytes, data: bytes) -> bytes:
        return (
            struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
        )

    packer = zlib.compressobj(9)
    parts = [packer.compress(row) for _ in range(height)]
    content = b"".join(parts) + packer.flush()
    header = struct.pack(">IIBBBBB", width, height, 16, colour, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        (chunk(b"IHDR", header), chunk(b"IDAT", content), chunk(b"IEND", b""))
    )


def _npz(shape: tuple[int, ...], dtype: str, name: str) -> bytes:
    """Return an archive of zeros."""
    stream, header = io.BytesIO(), io.BytesIO()
    np.lib.format.write_array_header_1_0(
        header, {"descr": dtype, "fortran_order": False, "shape": shape}
    )
    left = int(np.prod(shape)) * np.dtype(dtype).itemsize
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        with archive.open(f"{name}.npy", "w", force_zip64=True) as entry:
            entry.write(header.getvalue())
            for size in _steps(left):
                entry.write(bytes(size))
    return stream.getvalue()


def _steps(size: int, step: int = 2**24) -> Iterator[int]:
    while size > 0:
        yield min(size, step)
        size -= step


def _hdr(width: int, height: int) -> bytes:
    """Return a black Radiance picture in run lengths."""
    runs = b"\2\2" + struct.pack(">H", width)
    for _ in range(4):
        left = width
        while left:
            run = min(left, 127)
            runs += bytes((128 + run, 0))
            left -= run
    return (
        f"#?RADIANCE\nFORMAT=32-bit_rle_rgbe\n\n-Y {height} +X {width}\n".encode() + runs * height
    )


def _spz(count: int, degree: int) -> bytes:
    """Return an SPZ file of ``count`` Gaussians, all zero."""
    size = count * (20 + 3 * ((degree + 1) ** 2 - 1))
    stream = io.BytesIO()
    with gzip.GzipFile(fileobj=stream, mode="wb", compresslevel=9) as packed:
        packed.write(struct.pack("<IIIBBBB", spz_streams.MAGIC, 3, count, degree, 12, 0, 0))
        for step in _steps(size):
            packed.write(bytes(step))
    return stream.getvalue()


Bomb = tuple[str, Callable[[], bytes]]

BOMBS: dict[str, Bomb] = {
    "photo PNG, 16-bit RGBA": ("photo", lambda: _png(LARGEST, LARGEST, 4)),
    "photo HDR": ("photo", lambda: _hdr(LARGEST, LARGEST)),
    "photo HDR beyond": ("photo", lambda: _hdr(BEYOND, 8000)),
    "mask PNG, 16-bit RGBA": ("mask", lambda: _png(LARGEST, LARGEST, 4)),
    "depth PNG": ("depth", lambda: _png(LARGEST, LARGEST, 1)),
    "depth PNG beyond": ("depth", lambda: _png(BEYOND, BEYOND, 1)),
    "depth npz, float64": ("depth", lambda: _npz((LARGEST, LARGEST), "<f8", "depth")),
    "depth npz beyond": ("depth", lambda: _npz((BEYOND, 20_000), "<f8", "depth")),
    "flow npz, float64": ("flow", lambda: _npz((LARGEST, LARGEST, 2), "<f8", "flow")),
    "SPZ of 40 million": ("spz", lambda: _spz(40_000_000, 3)),
}
"""Name of a reader and what makes the file, by what it is."""
