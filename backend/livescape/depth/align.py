"""Robust fits of a straight line, which bring inverse depth to the scale of a scene.

Iteratively reweighted least squares for the sum of absolute residuals: up to half the pixels may be
wrong about the plane they are fitted to.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]

STEPS: Final = 60
SMALLEST: Final = 1e-4
"""Residual, in units of the spread of the targets, below which a point's weight stops growing."""

SETTLED: Final = 1e-9


def fit_line(values: FloatArray, targets: FloatArray) -> tuple[float, float]:
    """Return the a and b that minimise sum | a values + b - targets |.

    Args:
        values: [N], not all the same.
        targets: [N].

    Raises:
        ValueError: If the shapes differ or fewer than two values do.
    """
    if values.shape != targets.shape or values.ndim != 1:
        raise ValueError(f"values and targets must be one [N], not {values.shape, targets.shape}")
    if values.size == 0 or np.ptp(values) == 0.0:
        raise ValueError("a line needs at least two different values")
    # Centred and scaled, so that the normal equations stay well conditioned.
    centre, spread = float(values.mean()), float(np.ptp(values))
    x = (values - centre) / spread
    least = SMALLEST * max(float(np.ptp(targets)), 1e-12)
    weight = np.ones_like(x)
    slope = offset = 0.0
    for _ in range(STEPS):
        total, first, second = weight.sum(), (weight * x).sum(), (weight * x * x).sum()
        right, mixed = (weight * targets).sum(), (weight * x * targets).sum()
        determinant = max(total * second - first * first, 1e-30)
        before = slope, offset
        slope = float((total * mixed - first * right) / determinant)
        offset = float((second * right - first * mixed) / determinant)
        weight = 1.0 / np.maximum(np.abs(slope * x + offset - targets), least)
        moved = max(abs(slope - before[0]), abs(offset - before[1]))
        if moved <= SETTLED * max(abs(slope), abs(offset)):
            break
    return slope / spread, offset - slope * centre / spread


def fit_slope(values: FloatArray, targets: FloatArray) -> float:
    """Return the a that minimises sum | a values - targets |: a weighted median of the ratios.

    Args:
        values: [N], all positive.
        targets: [N].

    Raises:
        ValueError: If there is no value or one is not positive.
    """
    if values.size == 0 or not (values > 0.0).all():
        raise ValueError("a slope needs values, all of them positive")
    ratios = targets / values
    order = np.argsort(ratios)
    weight = np.cumsum(values[order])
    return float(ratios[order][np.searchsorted(weight, 0.5 * weight[-1])])
