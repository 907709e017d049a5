"""The first directory of a TIFF, by itself: Pillow opens fewer kinds of pixels than OpenCV.

And numbers of half precision, which neither opens.
"""

from __future__ import annotations

import io
import warnings
from typing import Final, Literal

from PIL import TiffImagePlugin

_BITS, _SAMPLE_FORMAT = 258, 339
_WHOLE, _FLOATING = 1, 3
_SHORT_BYTES: Final = 2


def first_directory(data: bytes) -> TiffImagePlugin.ImageFileDirectory_v2:
    """Return the tags of a file's first picture; raises whatever Pillow does on damaged ones."""
    stream = io.BytesIO(data)
    big = data[2:4] in (b"+\0", b"\0+")
    directory = TiffImagePlugin.ImageFileDirectory_v2(stream.read(16 if big else 8))
    stream.seek(directory.next)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        directory.load(stream)
    return directory


def is_half(data: bytes) -> bool:
    """Return whether a file's numbers are floating-point ones of half precision."""
    directory = first_directory(data)
    bits, kinds = (directory.get(tag, ()) for tag in (_BITS, _SAMPLE_FORMAT))
    return set(bits) == {16} and set(kinds) == {_FLOATING}


def as_whole_numbers(data: bytes) -> bytes:
    """Return a file that says its numbers are whole ones of as many bits, without a sign."""
    order: Literal["little", "big"] = "little" if data.startswith(b"II") else "big"
    big = data[2:4] in (b"+\0", b"\0+")
    start, counter, size, field = (8, 8, 20, 8) if big else (4, 2, 12, 4)

    def number(at: int, length: int) -> int:
        return int.from_bytes(data[at : at + length], order)

    directory = number(start, field)
    entries = directory + counter
    changed = bytearray(data)
    for entry in range(entries, entries + size * number(directory, counter), size):
        if number(entry, 2) != _SAMPLE_FORMAT or entry + size > len(data):
            continue
        count, at = number(entry + 4, field), entry + 4 + field
        if count * _SHORT_BYTES > field:
            at = number(at, field)
        for each in range(at, min(at + count * _SHORT_BYTES, len(data) - 1), _SHORT_BYTES):
            changed[each : each + _SHORT_BYTES] = _WHOLE.to_bytes(_SHORT_BYTES, order)
    return bytes(changed)
