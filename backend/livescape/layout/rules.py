"""Rules about connected regions of a landscape that correct the classifier.

Each rule takes probabilities [5, H, W] and returns new ones; a region that may not have its class
loses that class's probability, so the next likeliest takes its place.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from livescape.layout.horizon import estimate_horizon, sea_line
from livescape.layout.types import CLASS_NAMES, RELIEF, SKY, WATER

SPECK_AREA: Final = 4e-4
"""Share of the image below which a region takes the class of its surroundings."""

ENCLOSED_AREA: Final = 0.01
"""Largest share of the image that sky swallows when it surrounds it (birds, cloud cores)."""

MIXED_UP_RING: Final = 0.6
"""Share of a region's surroundings that decides between sky and its mirror image in water."""

FLOATING_RING: Final = 0.75
"""Share of sky around terrain or water that makes it a cloud whatever it rests on."""

SKY_LIKENESS: Final = 2.5
"""Standard deviations from the sky's mean colour up to which a gap may show sky."""

SEA_MARGIN: Final = 0.01
"""Image heights above a sea horizon beyond which nothing is water."""

SUPPRESSED: Final = 1e-3

Planes = NDArray[np.float32]
Mask = NDArray[np.bool_]


@dataclass(frozen=True)
class Region:
    """One connected region.

    Attributes:
        mask: [H, W] bool.
        ring: [H, W] bool, the two pixels around it inside the image.
        at_border: Whether it touches an image edge.
        at_bottom: Whether it touches the lower one, beyond which anything may follow.
    """

    mask: Mask
    ring: Mask
    at_border: bool
    at_bottom: bool


def apply_rules(probabilities: Planes, image: Planes) -> Planes:
    """Return probabilities that keep the rules below.

    Args:
        probabilities: [5, H, W] float32.
        image: [H, W, 3] float32 sRGB of the same size, for the colour of the sky.

    Raises:
        ValueError: If the sizes differ.
    """
    if probabilities.shape[1:] != image.shape[:2]:
        raise ValueError(f"image {image.shape} does not fit {probabilities.shape}")
    probabilities = remove_specks(probabilities)
    probabilities = settle_sky(probabilities, image)
    probabilities = settle_water(probabilities)
    # Clouds last: only now is everything around them known to be sky.
    probabilities = settle_clouds(probabilities)
    return fill_enclosed_by_sky(probabilities)


def remove_specks(probabilities: Planes) -> Planes:
    """Remove the class of regions too small to matter."""
    labels = probabilities.argmax(axis=0)
    result = probabilities.copy()
    for label in range(len(CLASS_NAMES)):
        count, components, stats, _ = cv2.connectedComponentsWithStats(
            (labels == label).astype(np.uint8), connectivity=8
        )
        small = stats[:, cv2.CC_STAT_AREA] < SPECK_AREA * labels.size
        small[0] = False
        if count > 1:
            result[label][small[components]] *= SUPPRESSED
    return _renormalise(result)


def fill_enclosed_by_sky(probabilities: Planes) -> Planes:
    """Give small regions that only sky surrounds to the sky."""
    labels = probabilities.argmax(axis=0)
    result = probabilities.copy()
    for region in _regions(labels != SKY):
        enclosed = not region.at_border and (labels[region.ring] == SKY).all()
        if enclosed and region.mask.sum() < ENCLOSED_AREA * labels.size:
            _assign(result, SKY, region.mask)
    return _renormalise(result)


def settle_clouds(probabilities: Planes) -> Planes:
    """Give terrain and water that rest on sky to the sky: they are clouds."""
    labels = probabilities.argmax(axis=0)
    below = np.full_like(labels, -1)
    below[:-1] = labels[1:]
    result = probabilities.copy()
    for label in (RELIEF, WATER):
        for region in _regions(labels == label):
            edge = region.mask & (below != label)
            resting = (below[edge] == SKY).mean() > MIXED_UP_RING
            floating = (labels[region.ring] == SKY).mean() > FLOATING_RING
            if resting or (floating and not region.at_bottom):
                _assign(result, SKY, region.mask)
    return _renormalise(result)


def settle_sky(probabilities: Planes, image: Planes) -> Planes:
    """Keep sky that touches the top, and sky seen through gaps that looks like it."""
    labels = probabilities.argmax(axis=0)
    top = _touching_top(labels == SKY)
    if not top.any():
        return probabilities
    result = probabilities.copy()
    horizon = estimate_horizon(probabilities) * labels.shape[0]
    colour, spread = image[top].mean(axis=0), image[top].std(axis=0) + 0.04
    for region in _regions((labels == SKY) & ~top):
        if (labels[region.ring] == WATER).mean() > MIXED_UP_RING:
            _assign(result, WATER, region.mask)
            continue
        distance = np.abs((image[region.mask].mean(axis=0) - colour) / spread).max()
        below = np.flatnonzero(region.mask.any(axis=1)).mean() > horizon
        if below or distance > SKY_LIKENESS:
            result[SKY][region.mask] *= SUPPRESSED
    return _renormalise(result)


def settle_water(probabilities: Planes) -> Planes:
    """Refuse water in the sky and water that lies above the horizon."""
    labels = probabilities.argmax(axis=0).astype(np.uint8)
    result = probabilities.copy()
    sea = sea_line(labels)
    if sea is not None:
        above = (np.arange(len(labels)) + 0.5) / len(labels) < sea - SEA_MARGIN
        _assign(result, SKY, above[:, None] & (labels == WATER))
        result[WATER][above] *= SUPPRESSED
    sky_bottom = _bottom_rows(labels == SKY)
    for region in _regions(labels == WATER):
        rows, columns = np.nonzero(region.mask)
        if (rows < sky_bottom[columns]).mean() > 0.5:
            result[WATER][region.mask] *= SUPPRESSED
    return _renormalise(result)


def _regions(mask: Mask) -> Iterator[Region]:
    """Yield the connected regions of a mask that do not fill the image."""
    count, components, stats, _ = cv2.connectedComponentsWithStats(
        mask.astype(np.uint8), connectivity=8
    )
    height, width = mask.shape
    kernel = np.ones((5, 5), np.uint8)
    for index in range(1, count):
        left, top, w, h, _ = stats[index]
        box = np.s_[max(0, top - 3) : top + h + 3, max(0, left - 3) : left + w + 3]
        region, ring = np.zeros_like(mask), np.zeros_like(mask)
        region[box] = components[box] == index
        grown = cv2.dilate(region[box].astype(np.uint8), kernel) > 0
        ring[box] = grown & ~region[box]
        at_bottom = bool(top + h == height)
        at_border = bool(left == 0 or top == 0 or left + w == width or at_bottom)
        if ring.any():
            yield Region(region, ring, at_border, at_bottom)


def _touching_top(mask: Mask) -> Mask:
    _, components = cv2.connectedComponents(mask.astype(np.uint8), connectivity=8)
    touching = np.unique(components[0][mask[0]])
    return np.isin(components, touching)


def _bottom_rows(mask: Mask) -> NDArray[np.int64]:
    """Return for every column the lowest row of the mask, -1 where it has none."""
    bottom = mask.shape[0] - 1 - mask[::-1].argmax(axis=0)
    return np.where(mask.any(axis=0), bottom, -1)


def _assign(planes: Planes, label: int, mask: Mask) -> None:
    """Leave no doubt about a mask's class: what is but half sky would not move with the sky."""
    planes[:, mask] *= SUPPRESSED
    planes[label][mask] = 1.0


def _renormalise(planes: Planes) -> Planes:
    return np.asarray(planes / planes.sum(axis=0, keepdims=True), dtype=np.float32)
