"""The outlines of a mask, as few corners as show it well: to be edited by hand."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

Float32Array = NDArray[np.float32]

SMALLEST = 0.002
"""Share of the picture below which a part is not worth an outline, nor a hole one of its own."""

OFF = 0.005
"""How far an outline may be off, as a share of the long side."""

MOST = 24
"""Most outlines; the largest are kept."""


def outlines(mask: NDArray[np.bool_]) -> list[Float32Array]:
    """Return the outlines of the parts of a mask [H, W], largest first.

    Holes are not outlined: what stands in the water is found anyway, or drawn over.

    Returns:
        Corners [k, 2] (x, y) of each, in shares of width and height.
    """
    height, width = mask.shape
    # Contours run through pixel centres; twice the size, they run a quarter of a pixel within.
    large = cv2.resize(mask.astype(np.uint8), None, fx=2, fy=2, interpolation=cv2.INTER_NEAREST)
    found, _ = cv2.findContours(large, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    worth = [(cv2.contourArea(each), each) for each in found]
    worth = [pair for pair in worth if pair[0] >= SMALLEST * large.size]
    worth.sort(key=lambda pair: -pair[0])
    corners = []
    for _, contour in worth[:MOST]:
        simple = cv2.approxPolyDP(contour, 2 * OFF * max(height, width), closed=True)[:, 0]
        if len(simple) >= 3:
            shares = (simple + 0.5) / np.array([2 * width, 2 * height])
            corners.append(shares.astype(np.float32))
    return corners
