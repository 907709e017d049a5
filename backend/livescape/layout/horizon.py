"""Where the horizon lies, from the layout.

A sea that meets the sky shows it. Otherwise it is just above the farthest flat surface, and where
nothing flat is visible it is guessed between the lower end of the sky and the middle.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from livescape.layout.types import GROUND, SKY, WATER

SEA_COLUMNS: Final = 0.06
"""Share of columns in which sky must meet water before the line counts as a sea horizon."""

SEA_BAND: Final = 0.012
"""Height, in image heights, of the band in which those columns must meet."""

FLAT_AREA: Final = 0.004
"""Share of the image a flat class must cover before its top is trusted."""

WATER_MARGIN: Final = 0.02
GROUND_MARGIN: Final = 0.02
"""Image heights between the farthest visible flat surface and the horizon above it."""

FOOT_STRIP: Final = 0.15
LOOKOUT_SHARE: Final = 0.3
"""A photograph whose lowest FOOT_STRIP shows less flat ground than this is taken from a height."""

NO_SKY: Final = 0.4
"""Horizon of a photograph with neither sky nor anything flat, in image heights."""

Labels = NDArray[np.uint8]


def estimate_horizon(probabilities: NDArray[np.float32]) -> float:
    """Return the horizon's row in image heights from the top; above 1 it is below the image.

    Args:
        probabilities: [5, H, W], order :data:`livescape.layout.types.CLASS_NAMES`.
    """
    labels = np.asarray(probabilities.argmax(axis=0), dtype=np.uint8)
    sea = sea_line(labels)
    if sea is not None:
        return sea
    tops = []
    for label, margin, quantile in ((WATER, WATER_MARGIN, 0.03), (GROUND, GROUND_MARGIN, 0.1)):
        top = _top_of(labels, label, quantile)
        if top is not None:
            tops.append(top - margin)
    if not tops:
        return _without_flat(labels)
    horizon = float(np.clip(min(tops), 0.05, 0.95))
    foot = labels[-max(1, round(FOOT_STRIP * len(labels))) :]
    if np.isin(foot, (WATER, GROUND)).mean() < LOOKOUT_SHARE:
        # Seen from above, flat ground in a valley ends far below the horizon.
        horizon = min(horizon, _without_flat(labels))
    return horizon


def sea_line(labels: Labels) -> float | None:
    """Return the row, in image heights, of the straight line at which sky meets water, if any.

    Args:
        labels: [H, W] class indices.
    """
    height, width = labels.shape
    gap = max(1, round(0.006 * height))
    meets = (labels[:-gap] == SKY) & (labels[gap:] == WATER)
    columns = meets.any(axis=0)
    last = height - gap - 1 - meets[::-1].argmax(axis=0)
    rows = np.sort((last[columns] + 0.5 * gap + 0.5) / height)
    # The fullest band of rows: stray regions elsewhere do not move it, a slanted shore fills none.
    counts = np.searchsorted(rows, rows + SEA_BAND, side="right") - np.arange(len(rows))
    if len(rows) == 0 or counts.max() < SEA_COLUMNS * width:
        return None
    first = int(counts.argmax())
    return float(np.median(rows[first : first + counts[first]]))


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
