"""Gaussians that keep their order: what lies at one depth is not drawn in another order later.

What overlaps is drawn from far to near. On a wall, a floor or the sky many lie at the same depth up
to rounding, and colours are fitted in the order that rounding happens to give. A motion of a
hundredth of a pixel then swaps neighbours, and pixels jump that nothing has moved in.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from livescape_shared.camera import Camera
from livescape_shared.gaussians import Gaussians

SPAN = 0.002
"""Share of its depth by which the farthest is moved away, and all others by less. The differences
among neighbours are far above rounding, and far below any parallax that is seen."""


def apart_in_depth(gaussians: Gaussians, camera: Camera) -> Gaussians:
    """Return N Gaussians in the same order of depth and at the same pixels of ``camera``.

    Each lies farther along its ray, the more others are nearer than it.

    Args:
        gaussians: Those that it sees, N.
        camera: The photo's.
    """
    if not len(gaussians):
        return gaussians
    depth = gaussians.means @ camera.viewmat[2, :3].astype(np.float32) + camera.viewmat[2, 3]
    rank = np.empty(len(depth))
    rank[np.argsort(depth, kind="stable")] = np.arange(len(depth)) / len(depth)
    away = 1.0 + SPAN * rank[:, None]
    means = camera.position + (gaussians.means - camera.position) * away
    return replace(
        gaussians,
        means=means.astype(np.float32),
        scales=(gaussians.scales * away).astype(np.float32),
    )
