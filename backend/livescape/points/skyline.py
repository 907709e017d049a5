"""Spires, masts and twigs in front of the sky: too thin for the layout, but they must not drift.

Those of a pixel or two show the sky through them and are only a little darker than it.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from livescape.imaging.resampling import fill_unknown

Float32Array = NDArray[np.float32]
Mask = NDArray[np.bool_]

CONTRAST = 0.08
"""Least difference in luminance from the sky around, as a fraction of full range."""

WIDEST, TWIG = (7, 60), (5, 200)
"""Widths that are too wide for a spire across, and for a twig in any direction: the least in
pixels, and twice the share of the photo's width, inverted."""

FAINT = 0.03
"""The same for what is narrower than a few pixels, which shows the sky through it."""

ACROSS = np.ones((1, 5), np.uint8)
"""What is narrow is narrower than this many pixels across."""

UNLIKE_SKY = 6.0
"""Least difference of what is narrow, in units of what the sky differs from itself by: between
clouds there are faint lines too."""

NIGHT = 0.25
"""Luminance below which a sky is dark: what is bright and narrow before it stands. By day it may be
a fringe of a cloud, which is brighter than the sky."""

GAP = 2
"""Pixels by which parts of what is narrow may lie apart, one above the other: beads of a finial."""

REACH = 0.10
"""Highest such structure above the skyline, as a fraction of the image height."""


def reclaim_thin_structures(
    image: Float32Array, depth: Float32Array, sky: Mask
) -> tuple[Float32Array, Mask]:
    """Remove thin structures that rise from the skyline from the sky.

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
    grey = cv2.cvtColor(np.ascontiguousarray(image), cv2.COLOR_RGB2GRAY)
    luma = np.asarray(grey, np.float32)
    # Within the sky only: land next to it must not make the sky look like a structure.
    clear = np.where(sky, luma, 0.0).astype(np.float32)
    darker = np.maximum(*(_darker(clear, kernel) for kernel in _kernels(width)))
    thin = sky & (darker > CONTRAST)
    skyline = cv2.distanceTransform(sky.astype(np.uint8), cv2.DIST_L2, 5)
    thin &= skyline < REACH * height
    grown = _connected_to(thin, ~sky, 1)
    narrow = (_narrow(luma, sky) | _bright_at_night(luma, sky)) & (skyline < REACH * height)
    grown |= _connected_to(narrow | grown, ~sky, GAP)
    still_sky = sky & ~grown
    return np.where(grown, fill_unknown(depth, sky), depth).astype(np.float32), still_sky


def _kernels(width: int) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """Return what is laid over the picture, and must not fit into what is thin.

    Clouds lie and spires rise: only across may a structure be wider than a twig.
    """
    across, twig = (max(least, round(width / share) * 2 + 1) for least, share in (WIDEST, TWIG))
    ellipse = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (twig, twig))
    return np.ones((1, across), np.uint8), np.asarray(ellipse, np.uint8)


def _darker(clear: Float32Array, kernel: NDArray[np.uint8]) -> Float32Array:
    """Return by how much each pixel [H, W] is darker than what is around a thin structure."""
    return np.asarray(cv2.morphologyEx(clear, cv2.MORPH_CLOSE, kernel) - clear, np.float32)


def _narrow(luma: Float32Array, sky: Mask) -> Mask:
    """Return what is upright, narrow and darker than the sky [H, W] on both of its sides."""
    clear = np.where(sky, luma, 0.0).astype(np.float32)
    return _unlike_sky(_darker(clear, ACROSS), sky)


def _bright_at_night(luma: Float32Array, sky: Mask) -> Mask:
    """Return what is upright, narrow and brighter than a dark sky [H, W] on both of its sides."""
    clear = np.where(sky, luma, 1.0).astype(np.float32)
    around = cv2.morphologyEx(clear, cv2.MORPH_OPEN, ACROSS)
    return _unlike_sky(clear - around, sky) & (around < NIGHT)


def _unlike_sky(difference: Float32Array, sky: Mask) -> Mask:
    """Return where the sky [H, W] differs from what is around by more than it mostly does."""
    usual = float(np.median(difference[sky]))
    spread = float(np.median(np.abs(difference[sky] - usual)))
    return np.asarray(sky & (difference > max(FAINT, usual + UNLIKE_SKY * spread)))


def _connected_to(candidates: Mask, seed: Mask, gap: int) -> Mask:
    """Return the candidates whose connected component touches ``seed``.

    Gaps of twice as many pixels are allowed as ``gap``, sideways of two.
    """
    bridge = np.ones((2 * gap + 1, 3), np.uint8)
    bridged = cv2.dilate(candidates.astype(np.uint8), bridge)
    _, labels = cv2.connectedComponents(bridged, connectivity=8)
    touching = np.unique(labels[cv2.dilate(seed.astype(np.uint8), np.ones((3, 3), np.uint8)) > 0])
    return candidates & np.isin(labels, touching[touching > 0])
