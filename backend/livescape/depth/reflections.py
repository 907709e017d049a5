"""Where still water mirrors the shore, what is seen lies as far as what is mirrored.

A mirror image is that of an object as far below the water as the object is above it, at the same
distance. On the water's own plane it would be nearer the lower it lies, and lean like a shadow as
soon as the camera moves aside.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

from livescape.layout.mirror import WHOLE, mirrored_share, water_edge
from livescape.layout.types import SceneLayout

LEAST_BODY: Final = 0.005
"""Share of the picture that a body of water covers at least."""

Float32Array = NDArray[np.float32]


def mirrored_depth(depth: Float32Array, layout: SceneLayout) -> Float32Array:
    """Return depth [H, W] in which still water hangs below its far shore.

    Args:
        depth: [H, W] metres, of the water's plane where there is water.
        layout: Layout of the same photograph.
    """
    labels = layout.labels
    share, bodies = mirrored_share(layout.mirror, labels)
    # Partly a wall and partly a plane, a surface would tear where one goes over into the other.
    still = (share > WHOLE) & (np.bincount(bodies.ravel()) >= LEAST_BODY * labels.size)
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
