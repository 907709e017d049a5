"""Where still water mirrors the shore, what is seen lies as far as what is mirrored.

A mirror image is that of an object as far below the water as the object is above it, at the same
distance. On the water's own plane it would be nearer the lower it lies, and lean like a shadow as
soon as the camera moves aside.
"""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from livescape.layout.mirror import water_edge
from livescape.layout.types import WATER, SceneLayout

STILL: Final = 0.6
"""Mean share of a body of water that is a mirror from which on it is one as a whole: a surface that
is partly a wall and partly a plane would tear where one goes over into the other."""

LEAST_BODY: Final = 0.005
"""Share of the picture that such a body covers at least."""

Float32Array = NDArray[np.float32]


def mirrored_depth(depth: Float32Array, layout: SceneLayout) -> Float32Array:
    """Return depth [H, W] in which still water hangs below its far shore.

    Args:
        depth: [H, W] metres, of the water's plane where there is water.
        layout: Layout of the same photograph.
    """
    labels = layout.labels
    water = (labels == WATER).astype(np.uint8)
    count, bodies, stats, _ = cv2.connectedComponentsWithStats(water)
    area = np.maximum(stats[:, cv2.CC_STAT_AREA], 1)
    share = np.bincount(bodies.ravel(), weights=layout.mirror.ravel(), minlength=count) / area
    still = (share > STILL) & (area >= LEAST_BODY * labels.size)
    still[0] = False
    if not still.any():
        return depth
    height, width = depth.shape
    edge = water_edge(labels)
    columns = np.arange(width)
    first = np.clip(np.ceil(edge).astype(int), 0, height - 1)
    shore = depth[first, columns]
    rows = np.arange(height)[:, None]
    below = still[bodies] & (edge >= 0.0)[None] & (rows >= first[None])
    # The shore is farther than any water before it; what is not, is no plane of water.
    return np.where(below, np.maximum(depth, shore[None]), depth).astype(np.float32)
