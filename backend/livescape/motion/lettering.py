"""Text that lies over a picture: a watermark, a subtitle, a date. It stands, whatever moves below.

Letters are thin strokes with hard edges; those of a line have one colour, one size, one thickness
and one straight foot, and are alone in their band. Posts, birds, foam and glitter have some of
this, and never all.
"""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from livescape.imaging.morphology import dilate
from livescape.imaging.sampling import resize, resize_image
from livescape.motion.letters import Float32Array, Letters, letters_of
from livescape.motion.lines_of_text import lines_of

Mask = NDArray[np.bool_]

LONGEST: Final = 1280
"""Pixels of the long side that suffice to read text that a viewer is meant to read."""

SHRUNK: Final = (1, 2, 4)
"""Sizes at which letters are looked for, each half as large as the one before."""

AROUND: Final = 21
"""Side of the window whose median is the background; strokes are thinner than half of it."""

SOME: Final = 0.1
"""Share of a pixel from which on text on it counts."""

CONTRAST, TEXTURE = 0.05, 1.5
"""Least contrast with the background, and how often it exceeds what is usual around."""


def lettering(image: Float32Array) -> Mask:
    """Return where text lies over a picture.

    Args:
        image: [H, W, 3] display sRGB, as large as there is.

    Returns:
        [H, W], a little wider than the letters, for their outline or shadow.
    """
    height, width = image.shape[:2]
    factor = min(1.0, LONGEST / max(height, width))
    found = np.zeros((height, width), dtype=bool)
    for shrunk in SHRUNK:
        size = (round(width * factor / shrunk), round(height * factor / shrunk))
        if min(size) < 4 * AROUND:
            break
        lines = _lines(np.ascontiguousarray(resize_image(image, *size)))
        if lines.any():
            large = cv2.resize(lines.astype(np.uint8), (width, height))
            found |= large > 0
    return found


def covered(text: Mask, width: int, height: int) -> Mask:
    """Return :func:`lettering` at another size: pixels of which it covers some."""
    return np.asarray(resize(text.astype(np.float32), width, height) > SOME)


def _lines(image: Float32Array) -> Mask:
    """Return the lines of text [H, W] in one size of the picture."""
    codes = np.rint(image * 255).astype(np.uint8)
    below = cv2.medianBlur(codes, AROUND).astype(np.float32) / np.float32(255)
    away = image - below
    luma = away @ np.array([0.299, 0.587, 0.114], np.float32)
    found = np.zeros(luma.shape, dtype=bool)
    for signal in (luma, -luma, away[..., 0] - away[..., 2], away[..., 2] - away[..., 0]):
        usual = cv2.blur(np.abs(signal), (4 * AROUND + 1, 4 * AROUND + 1))
        inked = signal > CONTRAST + TEXTURE * usual
        count, parts, stats, _ = cv2.connectedComponentsWithStats(inked.astype(np.uint8))
        letters = letters_of(image, away, signal, parts, stats[:count])
        for line in lines_of(letters):
            found |= _drawn(letters, line, parts, stats)
    return found


def _drawn(
    letters: Letters, line: NDArray[np.intp], parts: NDArray[np.int32], stats: NDArray[np.int32]
) -> Mask:
    """Return a line [H, W] with its dots and accents, and a rim for an outline or a shadow."""
    boxes, tall = letters.boxes[line], float(np.median(letters.heights[line]))
    left, top = boxes[:, :2].min(axis=0)
    right, bottom = boxes[:, 2:].max(axis=0)
    x = stats[:, cv2.CC_STAT_LEFT] + stats[:, cv2.CC_STAT_WIDTH] / 2
    y = stats[:, cv2.CC_STAT_TOP] + stats[:, cv2.CC_STAT_HEIGHT] / 2
    near = (x > left - tall) & (x < right + tall) & (y > top - 0.4 * tall)
    near &= (y < bottom + 0.3 * tall) & (stats[:, cv2.CC_STAT_HEIGHT] <= 0.5 * tall)
    near &= stats[:, cv2.CC_STAT_WIDTH] <= tall
    near[letters.number[line]] = True
    near[0] = False
    return dilate(near[parts], max(1, round(0.2 * tall)))
