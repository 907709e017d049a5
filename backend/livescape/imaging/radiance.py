"""Radiance HDR as its header means it: any order of rows and columns, RGB or XYZ, primaries.

OpenCV decodes what follows a plain header, and is given one.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, Final

import cv2
import numpy as np
from numpy.typing import NDArray

from livescape.imaging.color.encodings import Chromaticities, xyz_to_rec709
from livescape.imaging.faults import Unreadable

_MOST_HEADER: Final = 1 << 16
_SIZE: Final = re.compile(rb"([-+][XY]) +(\d{1,9}) +([-+][XY]) +(\d{1,9})\r?\n")
_END: Final = re.compile(rb"\r?\n\r?\n")
_FIELD: Final = re.compile(rb"^\s*(FORMAT|PRIMARIES)\s*=\s*(.*?)\s*$", re.MULTILINE)
_XYZ: Final = b"32-bit_rle_xyze"
_EQUAL_WHITE: Final = (1.0, 1.0, 1.0)


@dataclass(frozen=True)
class Header:
    """What stands before the pixels.

    Attributes:
        lines: Lines of pixels, and pixels in each, as they follow each other.
        outer: Direction from line to line: ``-Y`` is from the top down, ``+X`` to the right.
        inner: Direction along a line.
        is_xyz: Whether values are CIE XYZ.
        chromaticities: Of the primaries and white, if they are named.
        end: Where the pixels begin.
    """

    lines: tuple[int, int]
    outer: str
    inner: str
    is_xyz: bool
    chromaticities: Chromaticities | None
    end: int

    @property
    def size(self) -> tuple[int, int]:
        """Width and height of the picture."""
        outer, inner = self.lines
        return (outer, inner) if "X" in self.outer else (inner, outer)


def radiance_header(data: bytes) -> Header:
    """Read a header; raises Unreadable if it is damaged."""
    head = data[:_MOST_HEADER]
    ended = _END.search(head)
    found = _SIZE.match(head, ended.end()) if ended else None
    if ended is None or found is None or found[1][1:] == found[3][1:]:
        raise Unreadable("its header is damaged")
    fields = dict(_FIELD.findall(head, 0, ended.start() + 1))
    is_xyz = fields.get(b"FORMAT") == _XYZ
    primaries = None if is_xyz else _chromaticities(fields.get(b"PRIMARIES", b""))
    lines = int(found[2]), int(found[4])
    return Header(lines, found[1].decode(), found[3].decode(), is_xyz, primaries, found.end())


def radiance_pixels(data: bytes) -> NDArray[np.float32]:
    """Decode a file; linear light [H, W, 3] in OpenCV's order, upright."""
    header = radiance_header(data)
    plain = b"#?RADIANCE\nFORMAT=32-bit_rle_rgbe\n\n-Y %d +X %d\n" % header.lines
    decoded: Any = cv2.imdecode(
        np.frombuffer(plain + data[header.end :], np.uint8), cv2.IMREAD_UNCHANGED
    )
    if decoded is None:
        raise Unreadable("it is damaged or cut off")
    pixels = np.asarray(decoded, dtype=np.float32)
    if header.is_xyz:
        matrix = xyz_to_rec709(_EQUAL_WHITE).astype(np.float32)[::-1, ::-1]
        for row in pixels:
            row[:] = row @ matrix.T
    by_axis = {header.outer[1]: header.outer, header.inner[1]: header.inner}
    if header.outer.endswith("X"):
        pixels = pixels.swapaxes(0, 1)
    if by_axis["Y"] == "+Y":
        pixels = pixels[::-1]
    return pixels[:, ::-1] if by_axis["X"] == "-X" else pixels


def _chromaticities(text: bytes) -> Chromaticities | None:
    try:
        values = [float(word) for word in text.split()]
    except ValueError:
        return None
    return (*values,) if len(values) == 8 else None  # type: ignore[return-value]
