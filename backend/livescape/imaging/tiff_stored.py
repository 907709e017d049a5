"""Numbers of a TIFF as they are stored, decoded by OpenCV from a directory that says less.

OpenCV reads planes of more than 8 bits as if they were interleaved, of two numbers a pixel the
first alone and in 8 bits, and no half floats.
"""

from __future__ import annotations

from typing import Any, Final

import cv2
import numpy as np
from numpy.typing import NDArray

from livescape.imaging.exif import upright
from livescape.imaging.faults import Unreadable
from livescape.imaging.tiff import (
    BITS,
    COMPRESSION,
    EXTRA_SAMPLES,
    FLOATING,
    ORIENTATION,
    PHOTOMETRIC,
    PLANAR,
    PREDICTOR,
    SAMPLE_FORMAT,
    SAMPLES,
    STRIP_BYTES,
    STRIPS,
    TILE_BYTES,
    TILE_WIDTH,
    TILES,
    WHOLE,
    WIDTH,
    Directory,
    with_tags,
)

_BLACK_IS_0 = 1
_GREYS: Final = ((0,), (_BLACK_IS_0,))
_COLOURS: Final = ((2,), (8,), (9,))
"""RGB, CIE L*a*b* and that of ICC."""

_PLANES: Final = 2
_PLAIN, _DIFFERENCES = 1, 2
_LOSSLESS: Final = (1, 5, 8, 32773, 32946, 34925, 50000)
"""Compressions of bytes, whatever they mean: none, LZW, Deflate, PackBits, LZMA, Zstandard."""

Tags = dict[int, tuple[int, ...] | None]


def is_rewritten(directory: Directory) -> bool:
    """Return whether OpenCV is given channels by themselves, with which it does nothing."""
    return _is_in_planes(directory) or _is_paired(directory)


def stored_pixels(data: bytes, directory: Directory, changes: Tags | None = None) -> NDArray[Any]:
    """Return pixels [H, W] or [H, W, C] in OpenCV's order, upright.

    Args:
        data: The file.
        directory: Its first.
        changes: Tags that OpenCV is to take instead of the file's.

    Raises:
        Unreadable: If it is damaged, or of a kind that OpenCV does not know.
    """
    tags = dict(changes or {})
    formats = directory.numbers(SAMPLE_FORMAT)
    is_half = {(16, FLOATING)} == set(zip(directory.numbers(BITS), formats, strict=False))
    if is_half:
        tags[SAMPLE_FORMAT] = (WHOLE,) * len(formats)
    if not is_rewritten(directory):
        pixels = _decoded(with_tags(data, tags) if tags else data)
    elif _is_in_planes(directory):
        pixels = _of_planes(data, directory, tags)
    else:
        pixels = _of_pairs(data, directory, tags)
    if not is_half:
        return pixels
    if pixels.dtype != np.uint16:
        raise Unreadable("it is damaged or cut off")
    return pixels.view(np.float16).astype(np.float32)


def stored_pairs(data: bytes, directory: Directory) -> NDArray[Any] | None:
    """Return both numbers of each pixel [H, W, 2], None if there are not two.

    Raises:
        Unreadable: As :func:`stored_pixels`.
    """
    return stored_pixels(data, directory) if _is_paired(directory) else None


def _is_in_planes(directory: Directory) -> bool:
    planes, shown = directory.numbers(PLANAR), directory.numbers(PHOTOMETRIC)
    return _samples(directory) > 1 and planes == (_PLANES,) and shown in (*_GREYS, *_COLOURS)


def _is_paired(directory: Directory) -> bool:
    return _samples(directory) == 2 and directory.numbers(PHOTOMETRIC) in _GREYS


def _samples(directory: Directory) -> int:
    return max(directory.numbers(SAMPLES), default=1)


def _grey(directory: Directory, tags: Tags) -> Tags:
    """Return the tags of one of the channels by itself."""
    formats = tags.get(SAMPLE_FORMAT) or directory.numbers(SAMPLE_FORMAT)
    return {
        SAMPLES: (1,), PHOTOMETRIC: (_BLACK_IS_0,), PLANAR: (1,), EXTRA_SAMPLES: None,
        BITS: directory.numbers(BITS)[:1], SAMPLE_FORMAT: formats[:1] or None,
    }  # fmt: skip


def _decoded(data: bytes) -> NDArray[Any]:
    decoded = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_UNCHANGED)
    if decoded is None:
        raise Unreadable("it is damaged or cut off")
    return np.asarray(decoded)


def _of_planes(data: bytes, directory: Directory, tags: Tags) -> NDArray[Any]:
    """Decode each plane as a grey picture."""
    count = _samples(directory)
    places = (TILES, TILE_BYTES) if directory.numbers(TILES) else (STRIPS, STRIP_BYTES)
    parts = [directory.numbers(place) for place in places]
    each = len(parts[0]) // count
    if not 1 <= count <= 4 or not each or any(len(part) != each * count for part in parts):
        raise Unreadable("it is damaged or cut off")
    planes = []
    for at in range(count):
        own = [part[at * each : (at + 1) * each] for part in parts]
        plane = _grey(directory, tags) | dict(zip(places, own, strict=True))
        planes.append(_decoded(with_tags(data, plane)))
    return np.stack([*planes[2::-1], *planes[3:]] if count > 2 else planes, axis=-1)


def _of_pairs(data: bytes, directory: Directory, tags: Tags) -> NDArray[Any]:
    """Decode a grey picture of twice the width, whose neighbours are a pixel's two numbers."""
    predictor = max(directory.numbers(PREDICTOR), default=_PLAIN)
    compression = max(directory.numbers(COMPRESSION), default=_PLAIN)
    if predictor not in (_PLAIN, _DIFFERENCES) or compression not in _LOSSLESS:
        raise Unreadable("its two channels are compressed in an unusual way; save it uncompressed")
    width, tiles = max(directory.numbers(WIDTH)), directory.numbers(TILE_WIDTH)
    wide = _grey(directory, tags) | {WIDTH: (2 * width,), PREDICTOR: None, ORIENTATION: None}
    if tiles:
        wide[TILE_WIDTH] = (2 * tiles[0],)
    rows = _decoded(with_tags(data, wide))
    if rows.ndim != 2 or rows.shape[1] != 2 * width:
        raise Unreadable("it is damaged or cut off")
    pixels = rows.reshape(len(rows), width, 2)
    if predictor == _DIFFERENCES:  # from the left neighbour in the same tile
        step = max(1, tiles[0]) if tiles else width
        for left in range(0, width, step):
            part = pixels[:, left : left + step]
            np.cumsum(part, axis=1, dtype=part.dtype, out=part)
    return upright(pixels, max(directory.numbers(ORIENTATION), default=1))
