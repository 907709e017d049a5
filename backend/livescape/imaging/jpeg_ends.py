"""JPEG files that lack their last bytes, as broken downloads and full cards leave them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

END: Final = b"\xff\xd9"
_SCAN, _PROGRESSIVE = 0xDA, 0xC2
_WITHOUT_LENGTH: Final = (0x00, 0x01, *range(0xD0, 0xD9))
_COEFFICIENTS: Final = 64
_BLOCK_ROWS: Final = 16
"""Rows of a picture that one row of blocks holds, at the usual subsampling."""


def lacks_end(data: bytes) -> bool:
    """Whether a JPEG file has no marker of its end."""
    return END not in data[-1024:]


def is_nearly_whole(data: bytes, pixels: NDArray[Any]) -> bool:
    """Whether a JPEG that was cut off shows all of its picture, but for a few blocks.

    Decoders repeat one colour below the last block that is there. A progressive file holds the
    whole picture several times, ever finer: there, the finest part must have begun.

    Args:
        data: The file.
        pixels: What was decoded of it, [H, W, ...].
    """
    frames = [body for marker, body in _segments(data) if marker == _PROGRESSIVE]
    if frames:
        return _finest_has_begun(data, frames[0])
    rows = pixels.reshape(len(pixels), pixels.shape[1], -1)[: -_BLOCK_ROWS - 1 : -1]
    return not bool((rows == rows[:, :1]).all())


def _finest_has_begun(data: bytes, frame: bytes) -> bool:
    """Whether every coefficient of every component was sent to its last bit, or is being sent."""
    names = frame[6::3][: frame[5]]
    begun = {name: np.zeros(_COEFFICIENTS, bool) for name in names}
    for marker, body in _segments(data):
        if marker != _SCAN:
            continue
        count = body[0]
        first, last, bits = body[1 + 2 * count : 4 + 2 * count]
        if bits & 0x0F == 0:
            for name in body[1 : 1 + 2 * count : 2]:
                begun[name][first : last + 1] = True
    return all(seen.all() for seen in begun.values())


def _segments(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Yield each marker and what its header holds; the pixels after a scan's are passed over."""
    at = 2
    while 0 <= at < len(data) - 4:
        marker = data[at + 1]
        if data[at] != 0xFF or marker in _WITHOUT_LENGTH:
            at = data.find(b"\xff", at + 1)
            continue
        if marker == 0xFF:
            at += 1
            continue
        length = int.from_bytes(data[at + 2 : at + 4])
        yield marker, data[at + 4 : at + 2 + length]
        at += 2 + length
