"""How large a photo is when it is upright, which is how it is brought to life."""

from __future__ import annotations

import struct
from contextlib import suppress
from pathlib import Path

import bpy

_TIFF = (b"II*\x00", b"MM\x00*")
_BEFORE_TIFF = (b"Exif\x00\x00", b"eXIf", b"EXIF")
_ORIENTATION = 0x0112
_ON_ITS_SIDE = (5, 6, 7, 8)
_HEADER_BYTES = 2**18
_MOST_ENTRIES = 512


def stored_size(path: Path) -> tuple[int, int]:
    """Return width and height of an image file as Blender reads them; zeros if it cannot."""
    try:
        image = bpy.data.images.load(str(path), check_existing=False)
    except RuntimeError:
        return 0, 0
    try:
        return int(image.size[0]), int(image.size[1])
    finally:
        bpy.data.images.remove(image)


def upright_size(path: Path) -> tuple[int, int]:
    """Return width and height of a photo the right way up; zeros if it cannot be read."""
    width, height = stored_size(path)
    with suppress(OSError), path.open("rb") as stream:
        if is_on_its_side(stream.read(_HEADER_BYTES)):
            return height, width
    return width, height


def is_on_its_side(header: bytes) -> bool:
    """Whether the Exif data of a file says that its picture must be turned by a quarter.

    Args:
        header: The beginning of the file.
    """
    if header[:4] in _TIFF:
        return _orientation(header) in _ON_ITS_SIDE
    for mark in _BEFORE_TIFF:
        at = header.find(mark)
        while at >= 0:
            for start in (at + len(mark), at + len(mark) + 4):  # after the size, in WebP
                if header[start : start + 4] in _TIFF:
                    return _orientation(header[start:]) in _ON_ITS_SIDE
            at = header.find(mark, at + 1)
    return False


def _orientation(tiff: bytes) -> int:
    order = "<" if tiff.startswith(b"II") else ">"
    with suppress(struct.error):
        (directory,) = struct.unpack_from(f"{order}I", tiff, 4)
        (count,) = struct.unpack_from(f"{order}H", tiff, directory)
        for index in range(min(count, _MOST_ENTRIES)):
            place = directory + 2 + 12 * index
            tag, kind = struct.unpack_from(f"{order}HH", tiff, place)
            if tag == _ORIENTATION and kind == 3:
                return int(struct.unpack_from(f"{order}H", tiff, place + 8)[0])
    return 1
