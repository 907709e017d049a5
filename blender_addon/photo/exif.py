"""What the Exif header of a photo says: which way up it is, and with which lens it was taken.

Blender brings no reader of Exif; the backend has its own, which reads the same tags.
"""

from __future__ import annotations

import math
import struct
from contextlib import suppress
from dataclasses import dataclass

HEADER_BYTES = 2**18
"""How much of a file is looked at."""

FULL_FRAME_MM = 36.0

_TIFF = (b"II*\x00", b"MM\x00*")
_BEFORE_TIFF = (b"Exif\x00\x00", b"eXIf", b"EXIF")
_MOST_ENTRIES = 512
_FORMATS = {3: "H", 4: "I", 5: "II"}
"""Of a short, a long and a rational number, by Exif's number of the type."""

_ORIENTATION, _EXIF = 0x0112, 0x8769
_FOCAL, _FOCAL_35MM, _DIGITAL_ZOOM = 0x920A, 0xA405, 0xA404
_WIDTH, _HEIGHT = 0xA002, 0xA003
_RESOLUTION_X, _RESOLUTION_Y, _RESOLUTION_UNIT = 0xA20E, 0xA20F, 0xA210
_MILLIMETRES = {2: 25.4, 3: 10.0, 4: 1.0, 5: 0.001}
_ON_ITS_SIDE = (5, 6, 7, 8)
_SHORTEST_MM, _LONGEST_MM = 4.0, 4000.0
"""35 mm equivalents beyond these are mistakes."""


@dataclass(frozen=True)
class Exif:
    """Facts from a file's header.

    Attributes:
        orientation: 1 to 8, as Exif counts; 1 if unknown.
        focal_35mm: Focal length in millimetres on a sensor whose long side is 36 mm; 0 if unknown.
        taken: Width and height of the picture as it was taken; 0 if unknown.
    """

    orientation: int = 1
    focal_35mm: float = 0.0
    taken: tuple[float, float] = (0.0, 0.0)

    @property
    def is_on_its_side(self) -> bool:
        """Whether the picture must be turned by a quarter."""
        return self.orientation in _ON_ITS_SIDE


def read_exif(header: bytes) -> Exif:
    """Return what the beginning of a file says; this never fails, whatever it holds."""
    tiff = _tiff_of(header)
    if not tiff:
        return Exif()
    tags: dict[int, float] = {}
    order = "<" if tiff.startswith(b"II") else ">"
    with suppress(struct.error):
        _read(tiff, order, struct.unpack_from(f"{order}I", tiff, 4)[0], tags)
        if _EXIF in tags:
            _read(tiff, order, int(tags[_EXIF]), tags)
    orientation = int(tags.get(_ORIENTATION, 1))
    taken = tags.get(_WIDTH, 0.0), tags.get(_HEIGHT, 0.0)
    return Exif(orientation if 1 <= orientation <= 8 else 1, _focal_35mm(tags), taken)


def _tiff_of(header: bytes) -> bytes:
    """Return the part of a file that is laid out like a TIFF, empty if it has none."""
    if header[:4] in _TIFF:
        return header
    for mark in _BEFORE_TIFF:
        at = header.find(mark)
        while at >= 0:
            for start in (at + len(mark), at + len(mark) + 4):  # after the size, in WebP
                if header[start : start + 4] in _TIFF:
                    return header[start:]
            at = header.find(mark, at + 1)
    return b""


def _read(tiff: bytes, order: str, directory: int, tags: dict[int, float]) -> None:
    """Add the numbers of a directory to ``tags``, the first of each."""
    (count,) = struct.unpack_from(f"{order}H", tiff, directory)
    for index in range(min(count, _MOST_ENTRIES)):
        place = directory + 2 + 12 * index
        tag, kind = struct.unpack_from(f"{order}HH", tiff, place)
        if kind not in _FORMATS:
            continue
        at = place + 8
        if kind == 5:
            (at,) = struct.unpack_from(f"{order}I", tiff, at)
        with suppress(struct.error, ZeroDivisionError):  # beyond what was read, or 0/0
            numbers = struct.unpack_from(f"{order}{_FORMATS[kind]}", tiff, at)
            tags[tag] = float(numbers[0] / numbers[1] if kind == 5 else numbers[0])


def _focal_35mm(tags: dict[int, float]) -> float:
    """Return the equivalent focal length: as stated, else from the sensor's pixel pitch."""
    stated = tags.get(_FOCAL_35MM, 0.0)
    if stated > 0.0:
        return _plausible(stated)
    sides = tags.get(_WIDTH, 0.0), tags.get(_HEIGHT, 0.0)
    pitches = tags.get(_RESOLUTION_X, 0.0), tags.get(_RESOLUTION_Y, 0.0)
    per_unit = pitches[sides.index(max(sides))] or max(pitches)
    if per_unit <= 0.0 or max(sides) <= 0.0:
        return 0.0
    sensor = max(sides) / per_unit * _MILLIMETRES.get(int(tags.get(_RESOLUTION_UNIT, 2)), 0.0)
    zoom = max(1.0, tags.get(_DIGITAL_ZOOM, 1.0))  # which a stated equivalent contains
    focal = tags.get(_FOCAL, 0.0) * zoom
    return _plausible(focal / sensor * FULL_FRAME_MM) if sensor > 0.0 else 0.0


def _plausible(focal: float) -> float:
    return focal if math.isfinite(focal) and _SHORTEST_MM <= focal <= _LONGEST_MM else 0.0
