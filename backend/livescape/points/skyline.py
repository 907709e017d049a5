"""Spires, masts and twigs in front of the sky: too thin for the layout, but they must not drift."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from livescape.imaging.resampling import fill_unknown

Float32Array = NDArray[np.float32]
Mask = NDArray[np.bool_]

CONTRAST = 0.08
"""Least difference in luminance from the sky around, as a fraction of full range."""

REACH = 0.10
"""Highest such structure above the skyline, as a fraction of the image height."""


def reclaim_thin_structures(
    image: Float32Array, depth: Float32Array, sky: Mask
) -> tuple[Float32Array, Mask]:
    """Remove dark, thin structures that rise from the skyline from the sky.

    Args:
        image: [H, W, 3] display sRGB.
        depth: [H, W] metres.
        sky: [H, W] bool.

    Returns:
        Depth in which they are as far away as the skyline below them, and the smaller sky.
    """
    if not sky.any() or sky.all():
        return depth, sky
    height, width = sky.shape
    luma = cv2.cvtColor(np.ascontiguousarray(image), cv2.COLOR_RGB2GRAY)
    size = max(7, round(width / 60) * 2 + 1)
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (size, size))
    # Within the sky only: land next to it must not make the sky look like a structure.
    clear = np.where(sky, luma, 0.0).astype(np.float32)
    thin = sky & (cv2.morphologyEx(clear, cv2.MORPH_CLOSE, kernel) - luma > CONTRAST)
    skyline = cv2.distanceTransform(sky.astype(np.uint8), cv2.DIST_L2, 5)
    thin &= skyline < REACH * height
    grown = _connected_to(thin, ~sky)
    still_sky = sky & ~grown
    return np.where(grown, fill_unknown(depth, sky), depth).astype(np.float32), still_sky


def _connected_to(candidates: Mask, seed: Mask) -> Mask:
    """Return the candidates whose connected component touches ``seed``, gaps of 2 px allowed."""
    bridged = cv2.dilate(candidates.astype(np.uint8), np.ones((3, 3), np.uint8))
    _, labels = cv2.connectedComponents(bridged, connectivity=8)
    touching = np.unique(labels[cv2.dilate(seed.astype(np.uint8), np.ones((3, 3), np.uint8)) > 0])
    return candidates & np.isin(labels, touching[touching > 0])
