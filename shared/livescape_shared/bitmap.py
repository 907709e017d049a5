"""Masks as PNG files of one bit a pixel."""

from __future__ import annotations

import struct
import zlib
from typing import Final

import numpy as np
from numpy.typing import NDArray

_SIGNATURE: Final = b"\x89PNG\r\n\x1a\n"
_LEVEL: Final = 6


def bitmap_png(mask: NDArray[np.bool_]) -> bytes:
    """Return a PNG file that is white where a mask [h, w] is true and black elsewhere."""
    height, width = mask.shape
    rows = np.packbits(mask, axis=1)
    unfiltered = np.zeros((height, 1), np.uint8)
    data = zlib.compress(np.concatenate([unfiltered, rows], axis=1).tobytes(), _LEVEL)
    header = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    return _SIGNATURE + _chunk(b"IHDR", header) + _chunk(b"IDAT", data) + _chunk(b"IEND", b"")


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
