"""Crisp depth edges: networks smear an occlusion over a few pixels, at depths that do not exist.

A pixel between two plateaus of inverse depth goes to the nearer of the two (toggle mapping: Kramer
and Bruckner, "Iterations of a non-linear transformation for enhancement of digital images", 1975).
"""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

Float32Array = NDArray[np.float32]

RADIUS: Final = 2
"""Half the width in pixels of a smeared edge."""

EDGE_RATIO: Final = 1.15
"""Ratio of farthest to nearest depth in the neighbourhood above which there is an edge."""

PLATEAU: Final = 1.4
"""Growth of the range of inverse depth in a neighbourhood twice as wide, below which it is a step:
on a plane, whose inverse depth is linear, the range doubles."""

LEAST_STEP: Final = 0.04
"""Share of the edge's height by which a pixel must differ from the neighbours on both sides: one
that agrees with either lies on a surface."""


def sharpen_edges(depth: Float32Array) -> Float32Array:
    """Return ``depth`` [h, w], finite and positive, without the values between two surfaces.

    Rows and columns are treated one after the other, so that a surface that slopes along an edge
    stays as it is.
    """
    inverse = (1.0 / depth).astype(np.float32)
    across = _sharpen_rows(inverse)
    both = _sharpen_rows(np.ascontiguousarray(across.T)).T
    return np.where(both == inverse, depth, 1.0 / both).astype(np.float32)


def _sharpen_rows(inverse: Float32Array) -> Float32Array:
    """Snap the pixels of every row that lie on the slope of an edge."""
    low, high = _extremes(inverse, RADIUS)
    lowest, highest = _extremes(inverse, 2 * RADIUS)
    step = high - low
    edge = (high > EDGE_RATIO * low) & (highest - lowest < PLATEAU * step)
    rise = np.diff(inverse, axis=1, prepend=inverse[:, :1], append=inverse[:, -1:])
    before, after = rise[:, :-1], rise[:, 1:]
    between = (before * after > 0.0) & (
        np.minimum(np.abs(before), np.abs(after)) > LEAST_STEP * step
    )
    snapped = np.where(inverse - low > high - inverse, high, low)
    return np.where(edge & between, snapped, inverse)


def _extremes(values: Float32Array, radius: int) -> tuple[Float32Array, Float32Array]:
    """Return the smallest and largest value within ``radius`` along each row."""
    kernel = np.ones((1, 2 * radius + 1), np.uint8)
    low, high = cv2.erode(values, kernel), cv2.dilate(values, kernel)
    return np.asarray(low, np.float32), np.asarray(high, np.float32)
