"""Waterfalls, by what they look like: pale, streaked from top to bottom, with water at the foot.

The classifier was trained on photographs with hardly a fall in them and takes one for a cliff.
Falling water draws the same streaks at every speed and exposure: its brightness varies across, not
along the fall. Little else that is pale does so over a tenth of a picture and ends in water.
"""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from livescape.layout.types import SKY, UPRIGHT, WATER

STREAKED: Final = (0.1, 0.5)
"""Share of the gradient's energy across less that along: 0 in texture without a direction, about
0.5 where the gradient stays within 30 degrees of the horizontal, cos 60."""

COLOURED: Final = (12.0, 22.0)
"""CIELAB chroma of what is surely pale and of what surely is not; foam is grey, and takes a part of
the sky's blue."""

BRIGHTER: Final = (-5.0, 10.0)
"""Lightness above the median of the land: foam is no darker than the rock around it."""

SEEN: Final = 0.5
"""Gradient, in lightness a pixel, from which on a pixel is part of a streak and counts fully,
however strong: noise of 8 bits is below it, and what counts is how many streaks there are."""

COVERED: Final = (0.6, 0.85)
"""Share of a window's pixels in streaks below which it surely is no fall and above which it may be:
trunks, pillars and skylines have a strong edge or two, and are smooth beside them."""

WINDOW: Final = 0.016
"""A third of the side of the window in which streaks are counted, in long sides. A fall is at least
as wide: what is narrower cannot be told from a post."""

STANDS: Final = 0.5
"""Mean probability that the classifier gives to land within a fall, which it takes for a cliff: to
clouds and to streaks of light on water, it gives less."""

THROUGHOUT: Final = 0.3
"""Mean score of all that is alike: a fall is streaked all over, not beside one edge."""

LEAST_HEIGHT: Final = 0.12
LEAST_AREA: Final = 0.004
"""Shares of the picture's height and area that a fall covers at least; posts, windows and trunks
cover less."""

FOOT: Final = 0.06
"""Image heights below a fall in which there must be water."""

FOOT_WATER: Final = 0.15
"""Mean probability of water there; a pool full of foam looks little like the classifier's water."""

LEAST_SPREAD: Final = (6.0, 2.0, 3.0)
"""Of lightness and the two colour axes of CIELAB within a fall, at least: foam and shade differ in
lightness more than in colour."""

ALIKE: Final = 2.5
"""Standard deviations of colour up to which a pixel beside the streaks belongs to the fall."""

Planes = NDArray[np.float32]
Mask = NDArray[np.bool_]


def find_falls(image: Planes, probabilities: Planes) -> Planes:
    """Return where water falls.

    Args:
        image: [H, W, 3] float32 sRGB.
        probabilities: [5, H, W] of the classifier, at the image's size.

    Returns:
        [H, W] 0 or 1.
    """
    rgb = np.ascontiguousarray(image, dtype=np.float32)
    lab = np.asarray(cv2.cvtColor(rgb, cv2.COLOR_RGB2LAB), dtype=np.float32)
    likely = fall_score(lab, probabilities[SKY])
    height, width = likely.shape
    falls = np.zeros_like(likely)
    count, labels, stats, _ = cv2.connectedComponentsWithStats((likely > 0.3).astype(np.uint8))
    for label in range(1, count):
        tall, area = stats[label, [cv2.CC_STAT_HEIGHT, cv2.CC_STAT_AREA]]
        wide = area >= WINDOW * max(height, width) * tall
        if wide and tall >= LEAST_HEIGHT * height and area >= LEAST_AREA * height * width:
            fall = _grown(labels == label, lab, probabilities[SKY])
            below = foot_of(fall)
            arrives = below.any() and probabilities[WATER][below].mean() >= FOOT_WATER
            land = 1.0 - (probabilities[SKY] + probabilities[WATER])[fall].mean()
            if arrives and land >= STANDS and likely[fall].mean() >= THROUGHOUT:
                falls[fall] = 1.0
    return falls


def fall_score(lab: Planes, sky: Planes) -> Planes:
    """Return [H, W] in 0..1: how much each pixel looks like falling water.

    Args:
        lab: [H, W, 3] CIELAB.
        sky: [H, W] probability of sky.
    """
    side = max(sky.shape)
    smooth = cv2.GaussianBlur(lab[..., 0], (0, 0), 0.0014 * side)
    across, along = (cv2.Sobel(smooth, cv2.CV_32F, *axis, scale=1 / 8) for axis in ((1, 0), (0, 1)))
    strength = np.hypot(across, along)
    part = np.minimum(strength / SEEN, 1.0) / np.maximum(strength, 1e-6)
    box = 2 * round(1.5 * WINDOW * side) + 1
    energies = [cv2.blur((part * slope) ** 2, (box, box)) for slope in (across, along)]
    covered = energies[0] + energies[1]
    streaked = (energies[0] - energies[1]) / np.maximum(covered, 1e-6)
    seen = cv2.GaussianBlur(lab, (0, 0), 0.004 * side)
    land = sky < 0.5
    if not land.any():
        return np.zeros_like(sky)
    brighter = seen[..., 0] - np.median(seen[..., 0][land])
    pale = 1.0 - _ramp(np.hypot(seen[..., 1], seen[..., 2]), COLOURED)
    return np.asarray(
        _ramp(streaked, STREAKED) * pale * _ramp(brighter, BRIGHTER) * land, np.float32
    )


def foot_of(fall: Mask) -> Mask:
    """Return [H, W]: the strip below a fall in which its water arrives."""
    height = len(fall)
    columns = np.flatnonzero(fall.any(axis=0))
    lowest = height - 1 - fall[::-1, columns].argmax(axis=0)
    level = np.arange(height)[:, None]
    strip = np.zeros_like(fall)
    foot = np.quantile(lowest, 0.75)
    strip[:, columns] = (level > lowest) & (level <= foot + max(2.0, FOOT * height))
    return strip


def with_pools(probabilities: Planes, falls: Planes) -> Planes:
    """Return the classifier's probabilities with what is known where there are falls.

    A fall stands upright; at its foot there is water. How far that reaches is left to the colours.
    """
    if not falls.any():
        return probabilities
    result = probabilities.copy()
    fall = falls > 0.5
    pool = foot_of(fall) & ~fall
    result[:, fall] *= 0.05
    result[UPRIGHT][fall] = 1.0
    result[WATER][pool] = np.maximum(result[WATER][pool], 0.8 * result[:, pool].sum(axis=0))
    return np.asarray(result / result.sum(axis=0, keepdims=True), dtype=np.float32)


def _grown(streaks: Mask, lab: Planes, sky: Planes) -> Mask:
    """Return the fall of which ``streaks`` is the most certain part: what is near and alike."""
    side = max(streaks.shape)
    near = max(1, round(2 * WINDOW * side))
    # Further up and down than sideways, where the rock begins.
    reach = cv2.dilate(streaks.astype(np.uint8), np.ones((4 * near + 1, near + 1), np.uint8)) > 0
    seen = cv2.GaussianBlur(lab, (0, 0), 0.004 * side)
    core = seen[streaks]
    spread = np.maximum(core.std(axis=0), LEAST_SPREAD)
    distance = np.linalg.norm((seen - core.mean(axis=0)) / spread, axis=-1)
    alike = reach & (distance < ALIKE) & (sky < 0.5) | streaks
    closed = cv2.morphologyEx(
        alike.astype(np.uint8), cv2.MORPH_CLOSE, np.ones((near | 1, near | 1), np.uint8)
    )
    _, labels = cv2.connectedComponents(closed)
    return np.isin(labels, np.unique(labels[streaks])) & (labels > 0)


def _ramp(values: Planes, between: tuple[float, float]) -> Planes:
    low, high = between
    return np.asarray(np.clip((values - low) / (high - low), 0.0, 1.0), dtype=np.float32)
