"""What moves goes on under what stands in it: water behind a post, under a boat, below a bank.

Without this, water would end at every object's outline, and none would come out on its lee.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from livescape.imaging.morphology import dilate
from livescape.imaging.planar import fill_planar
from livescape.imaging.smoothing import fill_smooth

Float32Image = NDArray[np.float32]
Mask = NDArray[np.bool_]

MOVES = 0.1
"""Least motion mask at which a surface is given moving Gaussians."""

RIM = 0.03
"""How far water goes on under a bank, as a share of the long side: enough that it neither ends nor
begins at the line where both meet."""

BELOW = 1.01
"""Least factor by which it is farther than what stands before it."""

OUTLINE = 2
"""Pixels along an outline whose colours may be mixed, and are not copied from."""

FAR_BELOW = 0.97
"""What stands may be farther by this factor than the continued surface, and still be its bank."""


def moving_under(
    disparity: Float32Image, sky: Mask, moving: Float32Image, long_side: int
) -> tuple[Float32Image, Float32Image, Mask, Mask] | None:
    """Continue moving surfaces under what stands in and beside them.

    Objects that they surround are gone under wholly, banks by :data:`RIM`. A surface is continued
    as a plane; nothing is continued where it would lie before what the photo shows.

    Args:
        disparity: [H, W] 1 / metres, 0 in the sky.
        sky: [H, W].
        moving: [H, W] 0..1.
        long_side: Of the photo in pixels.

    Returns:
        Disparity [H, W] of the continued surface, how much it moves [H, W] 0..1, where it is hidden
        [H, W], and the pixels [H, W] that its colours may be copied from; None if there is nothing.
    """
    flows = ~sky & (moving > MOVES)
    stands = ~sky & ~flows
    if not (flows.any() and stands.any()):
        return None
    reach = max(4, round(RIM * long_side))
    near = stands & (dilate(flows, reach) | _surrounded(stands, long_side))
    least = 0.5 * float(disparity[flows].min())
    continued = fill_planar(disparity, flows)
    hidden = near & (continued > least) & (disparity > FAR_BELOW * continued)
    if not hidden.any():
        return None
    behind = np.minimum(continued, disparity / np.float32(BELOW))
    sources = flows & ~dilate(stands, OUTLINE)
    sources = sources if sources.any() else flows
    strength = fill_smooth(moving, flows)
    return behind.astype(np.float32), strength, hidden, sources


def shore_depth(
    depth: Float32Image, moving: Float32Image, sky: Mask, long_side: int
) -> Float32Image:
    """Return depth [H, W] in which what stands at the water is a little nearer than the water.

    Both meet at one depth, where water that flows on would be drawn before its bank as often as
    behind it.

    Args:
        depth: [H, W] metres.
        moving: [H, W] 0..1.
        sky: [H, W].
        long_side: Of the photo in pixels.
    """
    flows = ~sky & (moving > MOVES)
    if not flows.any():
        return depth
    away = cv2.distanceTransform((~flows).astype(np.uint8), cv2.DIST_L2, 5)
    share = np.clip(1.0 - away / (RIM * long_side), 0.0, 1.0)
    nearer = 1.0 - (BELOW - 1.0) * share
    return np.where(sky | flows, depth, depth * nearer).astype(np.float32)


def _surrounded(stands: Mask, long_side: int) -> Mask:
    """Return the connected parts that do not reach the edge of the picture and are not large."""
    _, parts, stats, _ = cv2.connectedComponentsWithStats(stands.astype(np.uint8), connectivity=8)
    edge = np.unique(np.concatenate([parts[0], parts[-1], parts[:, 0], parts[:, -1]]))
    inner = np.ones(len(stats), dtype=bool)
    inner[edge] = False
    inner[0] = False
    sides = np.maximum(stats[:, cv2.CC_STAT_WIDTH], stats[:, cv2.CC_STAT_HEIGHT])
    return np.asarray((inner & (sides < long_side / 3))[parts])
