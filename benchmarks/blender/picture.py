"""Pictures side by side, above what is wrong with each."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np

from livescape.imaging.png import Float32Image, contact_sheet, to_pixels, write_png

GAIN = 8.0
_COLUMN = 480


def write_comparison(path: Path, images: dict[str, Float32Image]) -> None:
    """Write the images in a row, and below each its difference from the first, amplified.

    Args:
        path: A PNG file.
        images: [H, W, 3] display sRGB by their caption; the first is the reference.
    """
    reference = next(iter(images.values()))
    differences = [np.abs(image - reference) * np.float32(GAIN) for image in images.values()]
    captions = [*images, *(f"{name}, difference x{GAIN:.0f}" for name in images)]
    tiles = [_tile(image) for image in (*images.values(), *differences)]
    for tile, caption in zip(tiles, captions, strict=True):
        for color, width in (((0, 0, 0), 4), ((255, 255, 255), 1)):
            cv2.putText(
                tile, caption, (8, 20), cv2.FONT_HERSHEY_SIMPLEX, 0.5, color, width, cv2.LINE_AA
            )
    path.parent.mkdir(parents=True, exist_ok=True)
    write_png(path, contact_sheet(tiles, columns=len(images), width=_COLUMN))


def _tile(image: Float32Image) -> np.ndarray:
    height = round(image.shape[0] * _COLUMN / image.shape[1])
    return cv2.resize(to_pixels(image), (_COLUMN, height), interpolation=cv2.INTER_AREA)
