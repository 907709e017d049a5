"""Whether what stands, stands: how far anything of it has moved, in pixels."""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

Float32Array = NDArray[np.float32]
Mask = NDArray[np.bool_]

WINDOW_SHARE = 1 / 16
"""Side of the windows that are looked at, as a share of the picture's width."""

LEAST_INSIDE = 0.25
"""Least share of a window that must stand."""

STRUCTURED = 0.02
"""Least root mean square slope of luminance per pixel at which motion along it can be told."""

SLOPE = np.array([1.0, -8.0, 0.0, 8.0, -1.0], np.float32) / 12.0


def standing_motion(first: Float32Array, later: Float32Array, standing: Mask) -> float:
    """Return how far in pixels the window has moved that has moved most; NaN if none can tell.

    The motion of each window is that of Lucas and Kanade, from standing pixels alone: the shift
    that explains the change of luminance best. Across an edge only the motion along its slope can
    be told, and only that counts. Two pixels at the region's edge are left out, whose slopes
    mix what stands with what moves. Shifts beyond a pixel are underestimated.

    Args:
        first: [H, W, 3].
        later: [H, W, 3].
        standing: [H, W] what stands.
    """
    weights = np.array([0.299, 0.587, 0.114], np.float32)
    before, after = first @ weights, later @ weights
    inner = cv2.erode(standing.astype(np.uint8), np.ones((5, 5), np.uint8)).astype(np.float32)
    mean = 0.5 * (before + after)
    slope_x, slope_y = (cv2.filter2D(mean, -1, k) for k in (SLOPE[None], SLOPE[:, None]))
    change = after - before
    side = max(8, round(standing.shape[1] * WINDOW_SHARE))

    def summed(values: NDArray[Any]) -> NDArray[np.float64]:
        return np.asarray(
            cv2.boxFilter((values * inner).astype(np.float64), -1, (side, side), normalize=False,
                          borderType=cv2.BORDER_CONSTANT)
        )  # fmt: skip

    count = summed(np.ones_like(inner))
    enough = count >= LEAST_INSIDE * side * side
    if not enough.any():
        return float("nan")
    xx, xy, yy = (summed(a)[enough] for a in (slope_x**2, slope_x * slope_y, slope_y**2))
    towards = np.stack([summed(slope * change)[enough] for slope in (slope_x, slope_y)], -1)
    tensor = np.stack([np.stack([xx, xy], -1), np.stack([xy, yy], -1)], -1)
    strengths, directions = np.linalg.eigh(tensor)
    told = strengths >= (STRUCTURED**2 * count[enough])[:, None]
    if not told.any():
        return float("nan")
    along = np.einsum("nik,ni->nk", directions, towards)
    motion = np.where(told, along / np.maximum(strengths, 1e-12), 0.0)
    return float(np.linalg.norm(motion, axis=-1).max())
