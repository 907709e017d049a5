"""Gaussians that went astray: so far away that nobody sees them, yet bounds reach to them.

Formats that divide the extent of a scene into steps would spend all of them on one such Gaussian.
"""

from __future__ import annotations

import numpy as np

from livescape_shared.splats import Splats

_UNSEEN = 1e-4
"""Part of the visible that may lie beyond the reach of a scene."""

_ROOM = 8.0
"""How many times as far as the scene reaches a Gaussian may lie."""


def without_strays(splats: Splats) -> Splats:
    """Leave out what lies eight times as far off as nearly all that is visible.

    What is visible is weighed by opacity and by the solid angle, seen from the scene's middle.
    """
    gaussians = splats.gaussians
    if not len(gaussians):
        return splats
    means = gaussians.means.astype(np.float64)
    distances = np.linalg.norm(means - np.median(means, axis=0), axis=1)
    lengths = np.sort(gaussians.scales.astype(np.float64), axis=1)
    areas = np.pi * lengths[:, 1] * lengths[:, 2] * gaussians.opacities
    nearest = max(float(np.median(distances)), 1e-9)
    weights = np.minimum(areas / np.maximum(distances, nearest) ** 2, 2.0 * np.pi)
    order = np.argsort(distances)
    within = np.cumsum(weights[order])
    if not within[-1] > 0.0:
        return splats
    last = int(np.searchsorted(within, (1.0 - _UNSEEN) * within[-1]))
    kept = distances <= _ROOM * distances[order[min(last, len(order) - 1)]]
    if kept.all():
        return splats
    return splats[kept]
