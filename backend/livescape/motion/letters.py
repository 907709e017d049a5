"""Parts of a picture that may be letters: what is measured of each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

Float32Array = NDArray[np.float32]

SMALLEST, LARGEST = 5, 48
"""Heights of letters in pixels of each size."""

WORD: Final = 6
"""Largest width of what may be a letter, or several that run into each other, in heights."""

MOST_PARTS: Final = 5000
"""Parts of one size from which on they are the texture of something."""


@dataclass(frozen=True)
class Letters:
    """Parts that may be letters, in one size of the picture.

    Attributes:
        number: [n] label of each.
        boxes: [n, 4] left, top, right, bottom.
        colours: [n, 3] of their strokes.
        contrasts: [n, 3] by how much their strokes differ from the background.
        thickness: [n] pixels.
        fill: [n] share of their box.
        hardness: [n] slope at the outline, as a share of the contrast.
    """

    number: NDArray[np.int64]
    boxes: Float32Array
    colours: Float32Array
    contrasts: Float32Array
    thickness: Float32Array
    fill: Float32Array
    hardness: Float32Array

    @property
    def heights(self) -> Float32Array:
        """[n] pixels."""
        return self.boxes[:, 3] - self.boxes[:, 1]


def letters_of(
    image: Float32Array,
    away: Float32Array,
    signal: Float32Array,
    parts: NDArray[np.int32],
    stats: NDArray[np.int32],
) -> Letters:
    """Return the parts that have the size of letters; none if there are too many.

    Args:
        image: [H, W, 3] display sRGB.
        away: [H, W, 3] what it differs by from its background.
        signal: [H, W] the same as one number, by which the parts were found.
        parts: [H, W] number of the part that a pixel belongs to.
        stats: [n, 5] OpenCV's statistics of them.
    """
    heights, widths = stats[:, cv2.CC_STAT_HEIGHT], stats[:, cv2.CC_STAT_WIDTH]
    fits = (heights >= SMALLEST) & (heights <= LARGEST) & (widths <= WORD * heights)
    fits[0] = False
    chosen = np.flatnonzero(fits)
    chosen = chosen[: len(chosen) if len(chosen) <= MOST_PARTS else 0]
    slope = cv2.dilate(signal, np.ones((3, 3), np.uint8)) - cv2.erode(
        signal, np.ones((3, 3), np.uint8)
    )
    rows: list[tuple[float, ...]] = []
    for number in chosen:
        left, top, width, height, area = stats[number]
        box = np.s_[top : top + height, left : left + width]
        own = parts[box] == number
        inner = cv2.erode(own.astype(np.uint8), np.ones((3, 3), np.uint8), borderValue=0) > 0
        rim = own & ~inner
        strong = own & (signal[box] >= np.median(signal[box][own]))
        contrast = float(signal[box][strong].mean())
        rows.append(
            (
                left, top, left + width, top + height,
                *image[box][strong].mean(axis=0), *away[box][strong].mean(axis=0),
                2.0 * area / max(int(rim.sum()), 1), area / (width * height),
                float(np.median(slope[box][rim])) / max(contrast, 1e-6),
            )
        )  # fmt: skip
    table = np.array(rows, dtype=np.float32).reshape(-1, 13)
    return Letters(
        chosen, table[:, :4], table[:, 4:7], table[:, 7:10], table[:, 10], table[:, 11],
        table[:, 12],
    )  # fmt: skip
