"""How far away the sky is: a shell well behind everything else, at a finite distance."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

SKY_FACTOR: Final = 20.0
"""Sky depth in units of the scene's median depth."""

SKY_BEHIND: Final = 2.0
"""Smallest sky depth in units of the farthest thing that is not sky."""

SKY_ALONE: Final = 1000.0
"""Sky depth in metres of a photograph that shows nothing else."""

SKY_LIMIT: Final = 10_000.0
"""Largest sky depth in metres, so that float32 projections stay exact to a small part of a pixel;
a scene that reaches farther still has its sky behind it."""


def sky_depth(depth: NDArray[np.float32], sky: NDArray[np.bool_]) -> float:
    """Return the depth in metres of the sky behind ``depth`` [H, W], ignoring where ``sky``."""
    solid = depth[~sky]
    if solid.size == 0:
        return SKY_ALONE
    farthest = float(solid.max())
    wanted = max(SKY_FACTOR * float(np.median(solid)), SKY_BEHIND * farthest)
    return max(min(wanted, SKY_LIMIT), SKY_BEHIND * farthest)
