"""Sheets of labelled pictures, small enough for a repository."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from livescape.imaging.png import to_pixels
from livescape_shared.conventions import linear_to_srgb

Image = NDArray[np.float32]
Pixels = NDArray[np.uint8]

MOST_BYTES = 200_000
_LABEL_HEIGHT = 26
_GAP = 4
_CHECKER = 12


def display(image: Image, behind: Image | float = 0.0) -> Pixels:
    """Return linear premultiplied [H, W, 4] over ``behind`` as display pixels."""
    linear = image[..., :3] + (1.0 - image[..., 3:4]) * behind
    return to_pixels(linear_to_srgb(np.clip(linear, 0.0, 1.0).astype(np.float32)))


def checkerboard(height: int, width: int) -> Image:
    """Return what image editors show behind transparency, linear [H, W, 3]."""
    rows, columns = np.indices((height, width)) // _CHECKER
    return np.repeat(np.where((rows + columns) % 2, 0.35, 0.6)[..., None], 3, axis=2)


def grey(values: Image) -> Pixels:
    """Return [H, W] of 0..1 as grey pixels, as they are."""
    return np.repeat(to_pixels(values.astype(np.float32))[..., None], 3, axis=2)


def by_nearness(depth: Image, nearest: float, farthest: float) -> Pixels:
    """Return depth in metres in colours, in steps of equal ratio: near red, far blue."""
    ratio = np.log(np.clip(depth, nearest, farthest) / nearest) / np.log(farthest / nearest)
    colors = cv2.applyColorMap(to_pixels((1.0 - ratio).astype(np.float32)), cv2.COLORMAP_TURBO)
    return np.asarray(colors[..., ::-1], dtype=np.uint8)


def write_sheet(
    path: Path,
    pictures: Sequence[tuple[str, Pixels]],
    columns: int,
    width: int,
    most_bytes: int = MOST_BYTES,
) -> None:
    """Write pictures with their labels beneath, ``width`` pixels each, as JPEG.

    Raises:
        ValueError: If the sheet does not fit into ``most_bytes``.
    """
    tiles = [_tile(label, pixels, width) for label, pixels in pictures]
    tiles += [np.full_like(tiles[-1], 255)] * (-len(tiles) % columns)
    rows = [np.hstack(tiles[start : start + columns]) for start in range(0, len(tiles), columns)]
    sheet = np.vstack(rows)[:, : -_GAP or None, ::-1]
    for quality in range(92, 60, -4):
        _, data = cv2.imencode(".jpg", sheet, [cv2.IMWRITE_JPEG_QUALITY, quality])
        if len(data) <= most_bytes:
            path.write_bytes(data.tobytes())
            return
    message = f"{path.name} does not fit into {most_bytes} bytes; make it smaller than {width}"
    raise ValueError(message)


def _tile(label: str, pixels: Pixels, width: int) -> Pixels:
    height = round(pixels.shape[0] * width / pixels.shape[1])
    tile = np.full((height + _LABEL_HEIGHT, width + _GAP, 3), 255, dtype=np.uint8)
    tile[:height, :width] = cv2.resize(pixels, (width, height), interpolation=cv2.INTER_AREA)
    place = (4, height + _LABEL_HEIGHT - 9)
    cv2.putText(tile, label, place, cv2.FONT_HERSHEY_SIMPLEX, 0.42, (40, 40, 40), 1, cv2.LINE_AA)
    return tile
