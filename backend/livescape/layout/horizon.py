"""Where the horizon lies, from what stands where.

A sea that meets the sky shows it. Otherwise it is just above the farthest flat surface, and where
nothing flat is visible it is guessed between the lower end of the sky and the middle.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from livescape.layout.types import GROUND, SKY, WATER

SEA_COLUMNS: Final = 0.08
"""Share of columns in which sky must meet water before the line counts as a sea horizon."""

SEA_SPREAD: Final = 0.03
"""Interquartile range of that line, in image heights, above which it is a shore, not a horizon."""

FLAT_AREA: Final = 0.004
"""Share of the image a flat class must cover before its top is trusted."""

WATER_MARGIN: Final = 0.012
GROUND_MARGIN: Final = 0.02
"""Image heights between the farthest visible flat surface and the horizon above it."""

NO_SKY: Final = 0.4
"""Horizon of a photograph with neither sky nor anything flat, in image heights."""

Labels = NDArray[np.uint8]


def estimate_horizon(probabilities: NDArray[np.float32]) -> float:
    """Return the horizon's row in image heights from the top; above 1 it is below the image.

    Args:
        probabilities: [5, H, W], order :data:`livescape.layout.types.CLASS_NAMES`.
    """
    labels = np.asarray(probabilities.argmax(axis=0), dtype=np.uint8)
    sea = _sea_line(labels)
    if sea is not None:
        return sea
    tops = []
    for label, margin, quantile in ((WATER, WATER_MARGIN, 0.03), (GROUND, GROUND_MARGIN, 0.1)):
        top = _top_of(labels, label, quantile)
        if top is not None:
            tops.append(top - margin)
    if tops:
        return float(np.clip(min(tops), 0.05, 0.95))
    return _without_flat(labels)


def _sea_line(labels: Labels) -> float | None:
    """Median row at which sky meets water, if it does so over enough columns in one line."""
    height, width = labels.shape
    gap = max(1, round(0.006 * height))
    meets = (labels[:-gap] == SKY) & (labels[gap:] == WATER)
    columns = meets.any(axis=0)
    if columns.sum() < SEA_COLUMNS * width:
        return None
    last = height - gap - 1 - meets[::-1].argmax(axis=0)
    rows = (last[columns] + 0.5 * gap + 0.5) / height
    low, middle, high = np.quantile(rows, (0.25, 0.5, 0.75))
    return float(middle) if high - low <= SEA_SPREAD else None


def _top_of(labels: Labels, label: int, quantile: float) -> float | None:
    """Return a low quantile of the label's top rows over the columns that show it."""
    mask = labels == label
    if mask.mean() < FLAT_AREA:
        return None
    columns = mask.any(axis=0)
    tops = mask.argmax(axis=0)[columns]
    return float(np.quantile(tops, quantile) / labels.shape[0])


def _without_flat(labels: Labels) -> float:
    sky = labels == SKY
    if sky.mean() < 0.02:
        return NO_SKY
    columns = sky.any(axis=0)
    bottoms = 1.0 - sky[::-1].argmax(axis=0)[columns] / labels.shape[0]
    bottom = float(np.median(bottoms))
    # A photograph of nothing but clouds looks up: its horizon is below it.
    return 1.1 if bottom > 0.97 else 0.5 * bottom + 0.25
