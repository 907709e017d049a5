"""What is sent of a mask or annotation: of a file or folder, the part of the photo."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from livescape_shared.errors import LivescapeError
from livescape_shared.files import input_refusal, is_folder
from livescape_shared.sizes import size_text
from livescape_shared.unicode_text import unicode_text

from . import coco
from .drawing import MAX_SHAPES
from .kinds import is_json

DRAWN: Final = ("mask", "hints")
"""Files of a request that are read in this way."""

SEGMENTS_LIST: Final = "metadata.csv"
"""The list that SAM writes beside the pictures of all segments of a photo."""

_SUFFIXES: Final = frozenset(
    ".png .jpg .jpeg .webp .tif .tiff .bmp .gif .pgm .pbm .ppm .exr".split()
)
_MOST_BYTES: Final = 2**29


def read_given(path: Path, photo: str) -> bytes:
    """Return what the mask or annotation that the artist named says of a photo, as one file.

    Args:
        path: The file or folder.
        photo: File name of the photo, without folders.

    Raises:
        LivescapeError: ``input_unreadable``.
    """
    try:
        return packed_folder(path) if is_folder(path) else of_photo(path.read_bytes(), photo)
    except OSError as error:
        raise input_refusal(path, error) from error


def of_photo(data: bytes, photo: str) -> bytes:
    """Return what a data set of COCO says of one photo; anything else stays as it is.

    Args:
        data: The file.
        photo: File name of the photo, without folders.
    """
    ((_, part),) = of_photos(data, (photo,))
    return part


def of_photos(data: bytes, photos: Iterable[str]) -> Iterator[tuple[str, bytes]]:
    """Yield the names of photos and for each what :func:`of_photo` returns, parsing once."""
    values = _data_set(data)
    for photo in photos:
        part = data if values is None else json.dumps(coco.of_photo(values, photo)).encode()
        yield photo, part


def _data_set(data: bytes) -> Mapping[str, Any] | None:
    """Return the values of a data set of several pictures, None for any other file."""
    if not is_json(data):
        return None
    try:
        text = unicode_text(data)
        values = json.loads(text) if '"images"' in text else {}
    except (ValueError, RecursionError):
        return None  # whoever reads it says why
    return values if coco.is_coco(values) and len(values["images"]) > 1 else None


def packed_folder(folder: Path) -> bytes:
    """Return an archive of the pictures of a folder.

    Raises:
        LivescapeError: ``input_unreadable``.
        OSError: If it cannot be read.
    """
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_STORED) as archive:
        for each in pictures_of(folder):
            # Without the time: equal masks are equal requests.
            archive.writestr(zipfile.ZipInfo(each.name), each.read_bytes())
    return stream.getvalue()


def pictures_of(folder: Path) -> list[Path]:
    """Return the files of a folder of masks, in their order.

    Raises:
        LivescapeError: ``input_unreadable``.
        OSError: If it cannot be read.
    """
    found = [
        each
        for each in sorted(folder.iterdir())
        if each.is_file()
        and not each.name.startswith(".")
        and (each.suffix.casefold() in _SUFFIXES or each.name == SEGMENTS_LIST)
    ]
    if not any(each.name != SEGMENTS_LIST for each in found) or len(found) > MAX_SHAPES:
        raise LivescapeError(
            "input_unreadable",
            f"The folder {folder.name} holds no masks, or far too many.",
            hint="Choose the folder of pictures that a segmentation wrote for this photo.",
        )
    if (total := sum(each.stat().st_size for each in found)) > _MOST_BYTES:
        raise LivescapeError(
            "input_unreadable",
            f"The masks in {folder.name} have {size_text(total)} together.",
            hint="Save them as PNG, or put what moves into one mask.",
        )
    return found
