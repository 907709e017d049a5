"""The first directory of a TIFF, by itself: libraries open fewer kinds of pixels than they decode.

And files whose directory says something else, so that a decoder gives numbers as they are stored.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

from livescape.imaging.faults import Unreadable

WIDTH, HEIGHT, BITS, PHOTOMETRIC, SAMPLES, PLANAR = 256, 257, 258, 262, 277, 284
COMPRESSION, ORIENTATION, PREDICTOR, TILE_WIDTH = 259, 274, 317, 322
STRIPS, STRIP_BYTES, TILES, TILE_BYTES = 273, 279, 324, 325
EXTRA_SAMPLES, SAMPLE_FORMAT = 338, 339
WHOLE, FLOATING = 1, 3

_TYPE_BYTES: Final = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8,
                      13: 4, 16: 8, 17: 8, 18: 8}  # fmt: skip
_WHOLE_TYPES: Final = (1, 3, 4, 13, 16)
_WRITTEN: Final = ((3, 2), (4, 4), (16, 8))
"""Type and bytes of a whole number."""


@dataclass(frozen=True)
class Directory:
    """Tags of a picture.

    Attributes:
        entries: By tag: its number, type, count and value or place, as they stand in the file.
        data: The file.
    """

    entries: Mapping[int, bytes]
    data: bytes

    def numbers(self, tag: int) -> tuple[int, ...]:
        """Return the whole numbers of a tag; none if the file does not have it."""
        body, kind = self._body(tag)
        if kind not in _WHOLE_TYPES:
            return ()
        each, order = _TYPE_BYTES[kind], _order(self.data)
        starts = range(0, len(body) - each + 1, each)
        return tuple(int.from_bytes(body[at : at + each], order) for at in starts)

    def content(self, tag: int) -> bytes:
        """Return the bytes of a tag; none if the file does not have it."""
        return self._body(tag)[0]

    def _body(self, tag: int) -> tuple[bytes, int]:
        entry = self.entries.get(tag)
        if entry is None:
            return b"", 0
        order, field = _order(self.data), _field(self.data)
        kind = int.from_bytes(entry[2:4], order)
        length = int.from_bytes(entry[4 : 4 + field], order) * _TYPE_BYTES.get(kind, 0)
        inline = entry[4 + field :]
        if length <= field:
            return inline[:length], kind
        at = int.from_bytes(inline, order)
        return self.data[at : at + length], kind


def first_directory(data: bytes) -> Directory:
    """Return the tags of a file's first picture.

    Raises:
        Unreadable: If there is none.
    """
    order, field = _order(data), _field(data)
    start, counter, size = field, 8 if field == 8 else 2, 4 + 2 * field
    at = int.from_bytes(data[start : start + field], order)
    count = int.from_bytes(data[at : at + counter], order)
    first = at + counter
    last = min(first + size * count, len(data) - size + 1)
    entries = {
        int.from_bytes(data[entry : entry + 2], order): data[entry : entry + size]
        for entry in range(first, last, size)
    }
    if not entries:
        raise Unreadable("its header is damaged, or it is cut off")
    return Directory(entries, data)


def with_tags(data: bytes, changes: Mapping[int, tuple[int, ...] | None]) -> bytes:
    """Return a file whose first directory says something else.

    Args:
        data: A file whose first directory can be read.
        changes: New whole numbers by tag; None leaves the tag out.
    """
    order, field = _order(data), _field(data)
    changed = bytearray(data)
    changed += bytes(len(changed) % 2)
    entries = dict(first_directory(data).entries)
    for tag, values in changes.items():
        if not values:
            entries.pop(tag, None)
            continue
        kind, each = next(pair for pair in _WRITTEN if max(values) < 256 ** pair[1])
        packed = b"".join(value.to_bytes(each, order) for value in values)
        if len(packed) > field:
            place = len(changed).to_bytes(field, order)
            changed += packed + bytes(len(packed) % 2)
        else:
            place = packed.ljust(field, b"\0")
        head = tag.to_bytes(2, order) + kind.to_bytes(2, order) + len(values).to_bytes(field, order)
        entries[tag] = head + place
    changed[field : 2 * field] = len(changed).to_bytes(field, order)
    changed += len(entries).to_bytes(8 if field == 8 else 2, order)
    changed += b"".join(entries[tag] for tag in sorted(entries)) + bytes(field)
    return bytes(changed)


def _order(data: bytes) -> Literal["little", "big"]:
    return "little" if data.startswith(b"II") else "big"


def _field(data: bytes) -> int:
    """Return the bytes of a place in the file: 8 in BigTIFF."""
    return 8 if data[2:4] in (b"+\0", b"\0+") else 4
