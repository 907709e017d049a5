"""Small files that would be large in memory: the largest that are allowed, and those beyond."""

from __future__ import annotations

import base64
import gzip
import io
import json
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


def _labelme(*shapes: object) -> bytes:
    values = {"imageWidth": LARGEST, "imageHeight": LARGEST, "shapes": shapes}
    return json.dumps(values).encode()


def _outlines(count: int) -> bytes:
    """Return outlines of the whole picture, one over the other."""
    corners = [[0, 0], [LARGEST, 0], [LARGEST, LARGEST], [0, LARGEST]]
    return _labelme(*[{"label": "motion", "points": corners}] * count)


def _tangle(count: int) -> bytes:
    """Return an outline that crosses itself at random."""
    points = np.random.default_rng(0).random((count, 2)) * LARGEST
    return _labelme({"label": "motion", "points": points.round().tolist()})


def _masks(count: int) -> bytes:
    """Return masks of the whole picture, each packed into some kilobytes."""
    picture = base64.b64encode(_png(LARGEST, LARGEST, 1)).decode()
    mask = {"label": "motion", "points": [[0, 0], [LARGEST - 1] * 2], "mask": picture}
    return _labelme(*[mask] * count)


def _segments(count: int) -> bytes:
    """Return segments of SAM that span the whole picture."""
    runs = {"size": [LARGEST, LARGEST], "counts": [0, LARGEST * LARGEST]}
    return json.dumps([{"segmentation": runs, "crop_box": [0, 0, 1, 1]}] * count).encode()


def _pictures(count: int) -> bytes:
    """Return an archive of black pictures."""
    stream = io.BytesIO()
    picture = _png(LARGEST, LARGEST, 1)
    with zipfile.ZipFile(stream, "w") as archive:
        for number in range(count):
            archive.writestr(f"{number}.png", picture)
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
    "outlines": ("regions", lambda: _outlines(512)),
    "outlines beyond": ("regions", lambda: _outlines(10_000)),
    "tangle beyond": ("regions", lambda: _tangle(100_000)),
    "masks of labelme": ("regions", lambda: _masks(8)),
    "masks of labelme beyond": ("regions", lambda: _masks(100)),
    "segments": ("regions", lambda: _segments(8)),
    "segments beyond": ("regions", lambda: _segments(10_000)),
    "archive of masks beyond": ("regions", lambda: _pictures(100)),
    "arrays of masks": ("regions", lambda: _npz((15, LARGEST, LARGEST), "|b1", "masks")),
    "arrays of masks beyond": ("regions", lambda: _npz((100, LARGEST, LARGEST), "|b1", "masks")),
    "values of JSON": ("regions", lambda: b"[" + b"[]," * 10_000_000 + b"[]]"),
    "values of JSON beyond": ("regions", lambda: b"[" + b"[]," * 60_000_000 + b"[]]"),
    "SPZ of 40 million": ("spz", lambda: _spz(40_000_000, 3)),
}
"""Name of a reader and what makes the file, by what it is."""
