"""WebP pictures, in which SOG stores its numbers: their size, and their pixels by Pillow."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from livescape_shared.errors import LivescapeError

Decode: TypeAlias = Callable[[bytes], NDArray[np.uint8]]
"""From the bytes of a WebP file to its pixels [height, width, 4], as they are stored.

Raises ValueError if it cannot be decoded.
"""


def webp_size(data: bytes) -> tuple[int, int]:
    """Return width and height from the header.

    Raises:
        ValueError: If it is no WebP.
    """
    if len(data) < 30 or data[:4] != b"RIFF" or data[8:12] != b"WEBP":
        message = "not a WebP picture"
        raise ValueError(message)
    kind = data[12:16]
    if kind == b"VP8L":
        bits = int.from_bytes(data[21:25], "little")
        return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    if kind == b"VP8X":
        width, height = (int.from_bytes(data[at : at + 3], "little") for at in (24, 27))
        return width + 1, height + 1
    return (
        int.from_bytes(data[26:28], "little") & 0x3FFF,
        int.from_bytes(data[28:30], "little") & 0x3FFF,
    )


def decode_by_pillow(data: bytes) -> NDArray[np.uint8]:
    """Return the pixels of a WebP file, as :data:`Decode`.

    Raises:
        LivescapeError: ``webp_missing``.
        ValueError: If it cannot be decoded.
    """
    try:
        from PIL import Image
    except ImportError as error:
        raise LivescapeError(
            "webp_missing",
            "Pillow, which reads the WebP pictures of a SOG file, is not installed.",
            hint="pip install pillow, or import the scene in Blender.",
        ) from error
    try:
        with Image.open(io.BytesIO(data), formats=("WEBP",)) as picture:
            return np.array(picture.convert("RGBA"), dtype=np.uint8)
    except (OSError, SyntaxError) as error:
        raise ValueError(str(error)) from error
