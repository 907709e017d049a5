"""Arrays made smaller for slow connections: lossless, and of places only what has moved, rounded.

``zstd`` sorts the bytes of an array by their significance, which makes floats compressible, and
compresses them with Zstandard. ``zstd+float16`` also sends, in place of the ``means`` of a frame,
``moves``: how far each has moved from where it is at t = 0, in half precision. That is off by at
most ``MOVES_ERROR`` of the distance moved, and by 2^-25 m where hardly anything moves.

Blender brings the package ``zstandard``; a program without it asks for nothing packed.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from livescape_shared.gaussians import Float32Array

PLAIN, ZSTD, ZSTD_FLOAT16 = "", "zstd", "zstd+float16"
ENCODINGS = (PLAIN, ZSTD, ZSTD_FLOAT16)

MOVES_ERROR = 2.0**-11
"""Largest error of a packed move, relative to it: half a unit in the last place of float16."""

SMALLEST_ERROR = 2.0**-25
"""Largest error of a move near 0, in metres."""

LEVEL = 1
LEAST_BYTES = 2**10
"""Arrays below this are sent as they are."""

MOST_BYTES = 2**26
"""Arrays above this too: to pack them takes so long that others would wait."""

_FARTHEST = 6e4  # float16 ends at 65504


class Unpackable(ValueError):
    """Packed bytes that do not hold what they should."""


def can_pack() -> bool:
    """Return whether this Python can compress and decompress."""
    try:
        import zstandard  # noqa: F401
    except ImportError:
        return False
    return True


def offered() -> tuple[str, ...]:
    """Return the encodings that this Python can make and read."""
    return ENCODINGS if can_pack() else (PLAIN,)


def pack(data: bytes | memoryview, itemsize: int) -> bytes | None:
    """Return the bytes of an array of elements of ``itemsize`` bytes, packed.

    None if they are better sent as they are.
    """
    import zstandard

    if not LEAST_BYTES <= len(data) <= MOST_BYTES:
        return None
    rows = np.frombuffer(data, np.uint8).reshape(-1, itemsize)
    packed: bytes = zstandard.ZstdCompressor(level=LEVEL).compress(rows.T.tobytes())
    return packed if len(packed) < len(data) else None


def unpack(packed: bytes | memoryview, dtype: np.dtype[Any], shape: list[int]) -> NDArray[Any]:
    """Return the array that :func:`pack` has packed; never takes more memory than it has.

    Raises:
        Unpackable: If it is not one of this type and shape.
    """
    try:
        import zstandard
    except ImportError as error:
        message = "it is packed, and this Python cannot unpack it"
        raise Unpackable(message) from error
    size = math.prod(shape) * dtype.itemsize
    try:
        if zstandard.frame_content_size(packed) != size:
            message = "it is packed and has another size"
            raise Unpackable(message)
        data = zstandard.ZstdDecompressor().decompress(packed, max_output_size=size)
    except zstandard.ZstdError as error:
        message = "its packed bytes are damaged"
        raise Unpackable(message) from error
    planes = np.frombuffer(data, np.uint8).reshape(dtype.itemsize, -1)
    return np.ascontiguousarray(planes.T).reshape(-1).view(dtype).reshape(shape)


def moves(means: Float32Array, at_rest: Float32Array) -> NDArray[np.float16] | None:
    """Return ``means`` [M, 3] as moves away from ``at_rest``; None if they are too far for that."""
    if means.shape != at_rest.shape:
        return None
    moved = means - at_rest
    if not np.abs(moved).max(initial=0.0) < _FARTHEST:
        return None
    return moved.astype(np.float16)


def moved(at_rest: Float32Array, moves: NDArray[np.float16]) -> Float32Array:
    """Return the means [M, 3] to which :func:`moves` lead."""
    return at_rest + moves.astype(np.float32)
