"""What moves, as programs that segment pictures write it: one picture, many, arrays or JSON."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any, Final

import cv2
import numpy as np
from numpy.typing import NDArray

from livescape.imaging.decode import read_image
from livescape.imaging.faults import Oversized, Unreadable, decoding
from livescape.imaging.numpy_files import read_array, read_arrays
from livescape.imaging.sides import MAX_SIDE
from livescape.motion.hints import annotation_mask, still_mask
from livescape.motion.mask_file import read_mask, shares
from livescape_shared.annotation import Annotation
from livescape_shared.annotation_files.drawing import MAX_SHAPES
from livescape_shared.annotation_files.given import SEGMENTS_LIST
from livescape_shared.annotation_files.invalid import invalid
from livescape_shared.annotation_files.kinds import is_json, read_annotation
from livescape_shared.errors import LivescapeError

Float32Array = NDArray[np.float32]

_NAMES: Final = ("masks", "mask", "segmentations", "segmentation", "labels")
_NOTES: Final = (".csv", ".db", ".html", ".ini", ".json", ".md", ".txt", ".xml", ".yaml", ".yml")
"""Files that programs and systems lay beside pictures."""

_MOST_CHANNELS: Final = 4
_HALF: Final = 0.5
_MOST_PIXELS: Final = 2**31
_DIFFERENT, _NONE = "its masks differ in size", "it holds no mask"
_ARCHIVE: Final = b"PK\x03\x04"
_ARRAY: Final = b"\x93NUMPY"
_HINT: Final = "Save one grey PNG that is bright where the photo moves, or an .npz called 'masks'."


@dataclass(frozen=True)
class Regions:
    """What a file says of what moves.

    Attributes:
        mask: [h, w] 0..1; None if the file only cuts the picture into segments.
        segments: [h, w] numbers of segments that move whole or not at all, 0 for none.
    """

    mask: Float32Array | None
    segments: NDArray[np.uint16] | None = None


def read_regions(data: bytes, moves: str, photo: tuple[int, int]) -> Regions:
    """Read a file that says what moves.

    Where labels say it, as in a data set of COCO, it does not matter which pixels move: they name
    what moves, and what stands.

    Args:
        data: A picture, ``.npy``, ``.npz``, an archive of pictures, or JSON of labelme, COCO, SAM.
        moves: ``bright`` or ``dark``: which of its pixels move.
        photo: Width and height of the photo, for files that do not state them.

    Raises:
        LivescapeError: ``mask_invalid``, or for JSON the codes of :func:`read_annotation`.
    """
    if is_json(data):
        drawn = read_drawing(data, photo, as_mask=True)
        found = _of_drawing(drawn)
        if drawn.is_labelled:
            return found
    elif data.startswith((_ARCHIVE, _ARRAY)):
        found = _of_many(data)
    else:
        return Regions(read_mask(data, moves))
    if moves == "dark" and found.mask is not None:
        return Regions(np.subtract(1.0, found.mask, dtype=np.float32))
    return found


def read_drawing(data: bytes, photo: tuple[int, int], *, as_mask: bool = False) -> Annotation:
    """Read an annotation of any program's; see :func:`read_annotation`."""
    return read_annotation(data, photo, _picture, as_mask=as_mask)


def moving_segments(segments: NDArray[np.uint16], mask: Float32Array) -> Float32Array:
    """Return a mask whose borders are those of segments: each moves whole or not at all.

    Args:
        segments: [h, w] of any size.
        mask: [H, W] 0..1, what moves by itself; it stays as it is where there is no segment.
    """
    height, width = mask.shape
    small = cv2.resize(segments, (width, height), interpolation=cv2.INTER_NEAREST)
    count = int(segments.max()) + 1
    area = np.bincount(small.reshape(-1), minlength=count)
    moving = np.bincount(small.reshape(-1), mask.reshape(-1), minlength=count)
    whole = (moving > _HALF * np.maximum(area, 1)).astype(np.float32)
    drawn = cv2.resize(whole[segments], (width, height), interpolation=cv2.INTER_AREA)
    return np.where(small > 0, drawn, mask).astype(np.float32)


def _of_drawing(found: Annotation) -> Regions:
    if not found.says_what_moves and not found.says_what_stands and found.segments is not None:
        return Regions(None, found.segments)
    longest = max(found.width, found.height)
    factor = min(1.0, MAX_SIDE / longest)
    size = (max(1, round(found.width * factor)), max(1, round(found.height * factor)))
    moves, stands = annotation_mask(found, *size), still_mask(found, *size)
    if not found.says_what_moves:
        message = "The annotation says what stands, and not what moves."
        raise LivescapeError("annotation_empty", message, hint="Give it as hints.")
    return Regions(np.asarray(moves * (1.0 - stands), dtype=np.float32))


def _of_many(data: bytes) -> Regions:
    """Read arrays or an archive of pictures; what any of them shows moves."""
    try:
        with decoding("it is no archive of pictures or arrays, or is damaged"):
            if data.startswith(_ARRAY):
                return _united(_planes(read_array(data, "masks", or_truth=True)))
            with zipfile.ZipFile(io.BytesIO(data)) as archive:
                names = archive.namelist()
            if all(name.endswith(".npy") for name in names):
                arrays = read_arrays(data, _NAMES)
                return _united(plane for array in arrays for plane in _planes(array))
            pictures = _pictures(data)
            is_cut = SEGMENTS_LIST in (PurePosixPath(name).name for name in names)
            return _numbered(pictures) if is_cut else _united(pictures)
    except Oversized as fault:
        message = f"The mask has {fault}; no side may exceed {MAX_SIDE}."
        raise LivescapeError("mask_invalid", message, hint="Scale the mask down.") from fault
    except Unreadable as fault:
        raise LivescapeError(
            "mask_invalid", f"The mask cannot be read: {fault}.", hint=_HINT
        ) from fault


def _planes(array: NDArray[Any]) -> Iterator[Float32Array]:
    """Yield masks [H, W] of an array [H, W], [n, H, W], [n, 1, H, W] or [H, W, channels]."""
    if array.ndim == 4 and 1 in (array.shape[1], array.shape[3]):
        array = array.squeeze(1 if array.shape[1] == 1 else 3)
    if array.ndim == 3 and array.shape[2] <= _MOST_CHANNELS < array.shape[0]:
        array = array.max(axis=2)
    if array.ndim not in (2, 3) or not array.size:
        raise Unreadable(f"its array of {' x '.join(map(str, array.shape))} is no mask")
    if max(array.shape[-2:]) > MAX_SIDE:
        raise Oversized(" x ".join(map(str, array.shape[:-3:-1])) + " pixels")
    for plane in array if array.ndim == 3 else [array]:
        yield shares(plane)


def _pictures(data: bytes) -> Iterator[Float32Array]:
    """Yield the masks of an archive of pictures, one at a time."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        entries = [entry for entry in archive.infolist() if _is_picture(entry)]
        if not entries or len(entries) > MAX_SHAPES:
            raise Unreadable(f"it holds {len(entries)} pictures")
        for entry in entries:
            if entry.file_size > MAX_SIDE * MAX_SIDE * _MOST_CHANNELS:
                raise Oversized(f"a picture of {entry.file_size} bytes")
            yield read_mask(archive.read(entry))


def _is_picture(entry: zipfile.ZipInfo) -> bool:
    name = PurePosixPath(entry.filename).name
    suffix = PurePosixPath(name).suffix.lower()
    return not (entry.is_dir() or name.startswith(".") or suffix in _NOTES)


def _united(masks: Iterator[Float32Array]) -> Regions:
    whole: Float32Array | None = None
    painted = 0
    for mask in masks:
        painted = _counted(painted, mask)
        if whole is None:
            whole = mask
        elif whole.shape != mask.shape:
            raise Unreadable(_DIFFERENT)
        else:
            np.maximum(whole, mask, out=whole)
        del mask  # before the next one is made
    if whole is None:
        raise Unreadable(_NONE)
    return Regions(whole)


def _numbered(masks: Iterator[Float32Array]) -> Regions:
    """Number segments, the smallest on top."""
    packed: list[tuple[int, NDArray[np.uint8]]] = []
    shape: tuple[int, ...] | None = None
    painted = 0
    for mask in masks:
        painted = _counted(painted, mask)
        if shape not in (None, mask.shape):
            raise Unreadable(_DIFFERENT)
        shape, inside = mask.shape, mask > _HALF
        packed.append((int(inside.sum()), np.packbits(inside)))
    if shape is None:
        raise Unreadable(_NONE)
    labels = np.zeros(shape, np.uint16)
    packed.sort(key=lambda each: -each[0])
    for number, (_, bits) in enumerate(packed, 1):
        labels[np.unpackbits(bits, count=labels.size).reshape(shape) > 0] = number
    return Regions(None, labels)


def _counted(painted: int, mask: Float32Array) -> int:
    if painted + mask.size > _MOST_PIXELS:
        raise Unreadable("its masks are too many and too large together")
    return painted + mask.size


def _picture(data: bytes) -> NDArray[np.bool_]:
    """Decode the mask of a shape of labelme."""
    try:
        pixels, _ = read_image(data)
    except Unreadable as fault:
        raise invalid(f"The mask of a shape cannot be read: {fault}.") from fault
    return np.asarray((pixels if pixels.ndim == 2 else pixels.max(axis=2)) > 0)
