"""Water that falls gathers speed: the square of its speed grows with the drop."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from livescape.motion.hint_reach import pixel_at
from livescape.motion.speeds import FALL_LIP

Float64Array = NDArray[np.float64]

STEEP = np.radians(45.0)
"""Angle to the level from which on water falls."""

LEAST_SPAN = 0.25
"""Share of a fall's drop that its hints must span to tell how much speed it gathers."""

LEAST_LIP = 0.05
"""Squared speed at the lip, at least, as a share of what is gathered below: it never stands."""


@dataclass(frozen=True)
class _Fall:
    """Squared speed at the lip, and what the whole drop adds to it."""

    lip: float
    gain: float

    def speed(self, drop: NDArray[np.floating]) -> Float64Array:
        """Return the speed after each share of the drop."""
        return np.asarray(np.sqrt(self.lip + self.gain * drop), dtype=np.float64)


def gathered_speed(
    hints: NDArray[np.floating],
    speeds: NDArray[np.floating],
    steep: NDArray[np.bool_],
    heights: NDArray[np.floating],
) -> tuple[Float64Array, Float64Array]:
    """Return how many times faster than the mean of its hints what falls moves.

    Args:
        hints: [n, 2] pixels.
        speeds: [n] metres a frame, negative for motion upwards.
        steep: [H, W] what moves on a steep surface.
        heights: [H, W] metres above any level.

    Returns:
        That of every pixel [H, W] and of every hint [n]: 1 where nothing falls or no hint tells.
    """
    field, own = np.ones(steep.shape), np.ones(len(hints))
    _, falls = cv2.connectedComponents(steep.astype(np.uint8))
    pixels = [pixel_at(hint, *steep.shape[::-1])[::-1] for hint in hints]
    home = np.array([falls[pixel] for pixel in pixels])
    for label in np.unique(home[home > 0]):
        here, told = falls == label, home == label
        if (speeds[told] <= 0.0).any():
            continue  # a fountain, or a flag
        top, foot = float(heights[here].max()), float(heights[here].min())
        drop = (top - heights) / max(top - foot, 1e-9)
        known = np.array([drop[pixel] for pixel, one in zip(pixels, told, strict=True) if one])
        fall = _fitted(known, speeds[told])
        mean = float(fall.speed(known).mean())
        own[told] = fall.speed(known) / mean
        field[here] = fall.speed(drop[here]) / mean
    return field, own


def _fitted(drop: Float64Array, speeds: NDArray[np.floating]) -> _Fall:
    """Return the fall that hints tell of by their speeds [n] after shares [n] of the drop.

    Where they are too near to each other, the speed at the lip is that of falls in general.
    """
    squares = speeds.astype(np.float64) ** 2
    if np.ptp(drop) >= LEAST_SPAN:
        gain, lip = np.polyfit(drop, squares, 1)
        if gain <= 0.0:  # it slides, or spray rises: no faster below
            return _Fall(1.0, 0.0)
        return _Fall(max(float(lip), LEAST_LIP * float(gain)), float(gain))
    return _Fall(FALL_LIP**2, 1.0)
