"""What the Exif header of a photo says: orientation and focal length."""

from __future__ import annotations

import io
import math
import warnings
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import ExifTags, Image

from livescape.imaging.faults import Unreadable, decoding
from livescape_shared.lens import cropped_focal

FULL_FRAME_WIDTH_MM = 36.0

_PNG = b"\x89PNG\r\n\x1a\n"

MILLIMETRES_PER_UNIT = {2: 25.4, 3: 10.0, 4: 1.0, 5: 0.001}
"""Exif 2.3 ResolutionUnit (inch, centimetre) and the later values that some cameras write."""

_SHORTEST_MM, _LONGEST_MM = 4.0, 4000.0
"""35 mm equivalents beyond these are mistakes of the camera or of whoever saved the file."""


@dataclass(frozen=True)
class Exif:
    """Facts from the file's header.

    Attributes:
        orientation: 1..8; 1 if the file does not say.
        focal_35mm: Focal length in millimetres on a sensor whose long side is 36 mm; 0 if unknown.
    """

    orientation: int = 1
    focal_35mm: float = 0.0


def read_exif(data: bytes) -> Exif:
    """Return what an image file's header says; this never fails, whatever the header holds."""
    with suppress(Unreadable), decoding("its Exif is damaged"), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with Image.open(io.BytesIO(_without_pixels(data))) as header:
            exif = Image.Image.getexif(header)  # that of PNG decodes all pixels in search of it
            tags = exif.get_ifd(ExifTags.IFD.Exif)
            return Exif(
                int(exif.get(ExifTags.Base.Orientation, 1)),
                _focal_35mm(dict(tags), header.size),
            )
    return Exif()


def upright(pixels: NDArray[Any], orientation: int) -> NDArray[Any]:
    """Return a view of ``pixels`` turned and mirrored as Exif's ``orientation`` asks."""
    flips = {2: (0, True), 3: (2, False), 4: (2, True), 5: (3, True), 6: (3, False),
             7: (1, True), 8: (1, False)}  # fmt: skip
    turns, mirrored = flips.get(orientation, (0, False))
    turned = np.rot90(pixels, turns)
    return turned[:, ::-1] if mirrored else turned


def _without_pixels(data: bytes) -> bytes:
    """Return a PNG without its pixels, after which its Exif may come; other kinds as they are."""
    if not data.startswith(_PNG):
        return data
    kept, at = [_PNG], len(_PNG)
    while at + 12 <= len(data):
        end = at + 12 + int.from_bytes(data[at : at + 4])
        if data[at + 4 : at + 8] not in (b"IDAT", b"fdAT"):
            kept.append(data[at:end])
        at = end
    return b"".join(kept)


def _focal_35mm(tags: dict[int, object], size: tuple[int, int]) -> float:
    """Return the equivalent focal length of what the file shows of the picture as it was taken."""
    base = ExifTags.Base
    taken = _positive(tags.get(base.ExifImageWidth)), _positive(tags.get(base.ExifImageHeight))
    return _plausible(cropped_focal(_taken_with(tags, max(size)), taken, size))


def _taken_with(tags: dict[int, object], long_side: int) -> float:
    """Return the equivalent focal length: as stated, else from the sensor's pixel pitch.

    What is stated contains digital zoom, which the pitch of the sensor does not.
    """
    stated = _positive(tags.get(ExifTags.Base.FocalLengthIn35mmFilm))
    if stated > 0.0:
        return stated
    focal = _positive(tags.get(ExifTags.Base.FocalLength))
    zoom = max(1.0, _positive(tags.get(ExifTags.Base.DigitalZoomRatio)))
    sensor = _sensor_long_side_mm(tags, long_side)
    return focal * zoom / sensor * FULL_FRAME_WIDTH_MM if sensor > 0.0 else 0.0


def _sensor_long_side_mm(tags: dict[int, object], long_side: int) -> float:
    """Return the sensor's long side from FocalPlane*Resolution; 0 if the file does not say.

    The resolution counts pixels of the image as taken, whose size Exif keeps when a photo is
    scaled down later; ``long_side`` of the file stands in where it does not.
    """
    base = ExifTags.Base
    sizes = [_positive(tags.get(tag)) for tag in (base.ExifImageWidth, base.ExifImageHeight)]
    pixels = [_positive(tags.get(tag))
              for tag in (base.FocalPlaneXResolution, base.FocalPlaneYResolution)]  # fmt: skip
    per_unit = pixels[sizes.index(max(sizes))] or max(pixels)
    unit = tags.get(base.FocalPlaneResolutionUnit, 2)
    millimetres = MILLIMETRES_PER_UNIT.get(unit if isinstance(unit, int) else 0, 0.0)
    return (max(sizes) or long_side) / per_unit * millimetres if per_unit > 0.0 else 0.0


def _positive(value: object) -> float:
    """Return ``value`` as a positive number; 0 if it is not one (rationals may be 0/0)."""
    try:
        number = float(value)  # type: ignore[arg-type]
    except (TypeError, ValueError, ZeroDivisionError):
        return 0.0
    return number if math.isfinite(number) and number > 0.0 else 0.0


def _plausible(focal: float) -> float:
    return focal if _SHORTEST_MM <= focal <= _LONGEST_MM else 0.0
