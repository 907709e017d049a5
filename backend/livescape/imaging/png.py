"""PNG frames and contact sheets."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from livescape_shared.errors import LivescapeError
from livescape_shared.files import whole_file

Float32Image = NDArray[np.float32]
Pixels = NDArray[np.uint8]


def to_pixels(image: Float32Image) -> Pixels:
    """Return 8-bit pixels of an image 0..1."""
    return np.asarray(np.rint(np.clip(image, 0.0, 1.0) * 255.0), dtype=np.uint8)


def write_png(path: Path, pixels: Pixels) -> None:
    """Write 8-bit RGB pixels [H, W, 3].

    Raises:
        LivescapeError: ``disk_full`` or ``output_not_writable``.
    """
    _, data = cv2.imencode(".png", np.ascontiguousarray(pixels[..., ::-1]))
    with whole_file(path) as partial:
        partial.write_bytes(data.tobytes())


def read_pixels(path: Path) -> Pixels:
    """Read an image file as 8-bit RGB pixels [H, W, 3].

    Raises:
        LivescapeError: ``image_unreadable``.
    """
    try:
        # As bytes: on Windows, OpenCV cannot open paths outside the system's code page.
        pixels = cv2.imdecode(np.fromfile(path, np.uint8), cv2.IMREAD_COLOR)
    except (OSError, cv2.error) as error:
        raise _unreadable(path) from error
    if pixels is None:
        raise _unreadable(path)
    return np.asarray(pixels[..., ::-1], dtype=np.uint8)


def read_png(path: Path) -> Float32Image:
    """Read an 8-bit image file as [H, W, 3] 0..1.

    Raises:
        LivescapeError: ``image_unreadable``.
    """
    return read_pixels(path).astype(np.float32) / np.float32(255.0)


def _unreadable(path: Path) -> LivescapeError:
    return LivescapeError("image_unreadable", f"{path.name} cannot be read as an image.")


def contact_sheet(images: Sequence[Pixels], columns: int, width: int = 480) -> Pixels:
    """Return the images in rows of ``columns``, each ``width`` pixels wide."""
    tiles = []
    for image in images:
        height = round(image.shape[0] * width / image.shape[1])
        tiles.append(cv2.resize(image, (width, height), interpolation=cv2.INTER_AREA))
    tallest = max(tile.shape[0] for tile in tiles)
    tiles = [np.pad(tile, ((0, tallest - tile.shape[0]), (0, 0), (0, 0))) for tile in tiles]
    tiles += [np.zeros_like(tiles[0])] * (-len(tiles) % columns)
    rows = [np.hstack(tiles[start : start + columns]) for start in range(0, len(tiles), columns)]
    return np.asarray(np.vstack(rows), dtype=np.uint8)
