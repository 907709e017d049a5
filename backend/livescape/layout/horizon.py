"""Where the horizon lies, from the layout.

A sea that meets the sky shows it. Otherwise it is above the farthest flat surface: just above it,
or, where things stand at its end, at the height of the eye on them. Where nothing flat is visible
it is guessed between the lower end of the sky and the middle. Sky is never below it.
"""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from livescape.layout.types import GROUND, RELIEF, SKY, UPRIGHT, WATER

SEA_COLUMNS: Final = 0.06
"""Share of columns in which sky must meet water before the line counts as a sea horizon."""

SEA_BAND: Final = 0.012
"""Height, in image heights, of the band in which those columns must meet."""

FLAT_AREA: Final = 0.004
"""Share of the image a flat class must cover before its top is trusted."""

WATER_MARGIN: Final = 0.02
GROUND_MARGIN: Final = 0.02
"""Image heights between the farthest visible flat surface and the horizon above it."""

HANGING: Final = 0.75
"""Share of the lower edge of ground that rests on what stands or rises before it is no plane."""

EYE_SHARE: Final = 0.2
"""Height of the eye as a share of what stands at the end of the flat: 2 m of trees, houses and
cliffs of about 10 m. The horizon crosses everything at the height of the eye."""

SKY_REACH: Final = 0.95
"""Quantile of the columns' lowest sky that the horizon is not above; the rest may be mistaken."""

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
    horizon = float(np.clip(max(min(tops), _sky_bottom(labels)), 0.05, 0.95))
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
    """Return a low quantile of the label's top rows over the columns that show it.

    Each top is raised to the height of the eye on what stands there.
    """
    mask = labels == label
    if label == GROUND:
        mask &= ~_hanging(labels)
    if mask.mean() < FLAT_AREA:
        return None
    columns = np.flatnonzero(mask.any(axis=0))
    tops = mask[:, columns].argmax(axis=0)
    rows = np.arange(len(labels))[:, None]
    other = (labels[:, columns] != UPRIGHT) & (rows < tops)
    head = np.where(other.any(axis=0), len(labels) - other[::-1].argmax(axis=0), 0)
    eye = EYE_SHARE * float(np.median(tops - head))
    return float((np.quantile(tops, quantile) - eye) / labels.shape[0])


def _hanging(labels: Labels) -> NDArray[np.bool_]:
    """Return ground that lies on what stands or rises: a ledge or a hill, not the plane."""
    count, components = cv2.connectedComponents((labels == GROUND).astype(np.uint8))
    below = np.full_like(labels, GROUND)
    below[:-1] = labels[1:]
    edge = (labels == GROUND) & (below != GROUND)
    edge[-1] = labels[-1] == GROUND  # what leaves the picture may well be the plane
    edges = np.bincount(components[edge], minlength=count)
    risen = np.bincount(components[edge & np.isin(below, (UPRIGHT, RELIEF))], minlength=count)
    hanging = risen > HANGING * np.maximum(edges, 1)
    hanging[0] = False
    return np.asarray(hanging[components])


def _sky_bottom(labels: Labels) -> float:
    """Return the row, in image heights, down to which sky is seen; 0 if there is none."""
    sky = labels == SKY
    columns = sky.any(axis=0)
    if not columns.any():
        return 0.0
    bottoms = len(labels) - sky[::-1].argmax(axis=0)[columns]
    return float(np.quantile(bottoms, SKY_REACH) / labels.shape[0])


def _without_flat(labels: Labels) -> float:
    sky = labels == SKY
    if sky.mean() < 0.02:
        return NO_SKY
    columns = sky.any(axis=0)
    bottoms = 1.0 - sky[::-1].argmax(axis=0)[columns] / labels.shape[0]
    bottom = float(np.median(bottoms))
    # A photograph of nothing but clouds looks up: its horizon is below it.
    return 1.1 if bottom > 0.97 else 0.5 * bottom + 0.25
