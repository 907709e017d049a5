"""Masks grown and shrunk by discs."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

Mask = NDArray[np.bool_]


def dilate(mask: Mask, radius: int) -> Mask:
    """Return ``mask`` grown by a disc of ``radius`` pixels."""
    return np.asarray(cv2.dilate(mask.astype(np.uint8), disc(radius)), dtype=bool)


def disc(radius: int) -> NDArray[np.uint8]:
    """Return a disc of ones as wide as ``radius`` pixels on either side."""
    size = 2 * radius + 1
    return np.asarray(cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (size, size)), dtype=np.uint8)
