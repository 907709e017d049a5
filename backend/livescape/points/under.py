"""What moves goes on under what stands in it: water behind a post, under a boat, below a rock.

The water that the photo shows before a post passes it and comes out behind it. What lies under the
post at first is in no photo; it is invented in the colours of the water around, and moves along.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from livescape.imaging.morphology import dilate, disc
from livescape.imaging.planar import fill_planar
from livescape.imaging.smoothing import fill_smooth
from livescape.points.hidden import slope

Float32Image = NDArray[np.float32]
Mask = NDArray[np.bool_]

WIDEST = 0.12
"""Least width of what is too wide to be gone under, as a share of the long side: what comes out
behind an island has not been seen on its other side, and a bank has no other side."""

BEFORE = 1.005
"""What stands is nearer than the water under it by at least this factor; nearer to its foot both
are at one depth, and water that went on there would be drawn before the foot as often as behind."""

FARTHEST = 0.5
"""Least disparity to which a surface is continued, in units of the least that it has."""

SHORE = 0.025
"""Share of the long side over which what stands at the water comes back to its own depth."""

ROWS = 2.0
"""Rows of the water by which what stands at it is nearer. The water's next row below its foot would
else be before it, and reach a pixel up."""

OUT_OF_PLACE = 0.5
"""Most pixels by which what stands at the water may be seen out of its place for being nearer."""

OUTLINE = 2
"""Pixels along an outline whose colours may be mixed, and are not copied from."""


def moving_under(
    disparity: Float32Image, sky: Mask, moving: Float32Image, least: float, long_side: int
) -> tuple[Float32Image, Float32Image, Mask, Mask] | None:
    """Continue moving surfaces as planes under what stands in them and before them.

    Args:
        disparity: [H, W] 1 / metres, 0 in the sky.
        sky: [H, W].
        moving: [H, W] 0..1.
        least: Motion from which a surface counts as moving.
        long_side: Of the photo in pixels.

    Returns:
        Disparity [H, W] of the continued surface, how much it moves [H, W] 0..1, where it is hidden
        [H, W], and the pixels [H, W] that its colours may be copied from; None if there is nothing.
    """
    flows = ~sky & (moving > least)
    stands = ~sky & ~flows
    if not (flows.any() and stands.any()):
        return None
    continued = fill_planar(disparity, flows)
    before = stands & (disparity > BEFORE * continued)
    beyond = continued > FARTHEST * float(disparity[flows].min())
    closed = cv2.morphologyEx(
        flows.astype(np.uint8), cv2.MORPH_CLOSE, disc(max(1, round(0.5 * WIDEST * long_side)))
    )
    hidden = before & beyond & (closed > 0)
    if not hidden.any():
        return None
    sources = flows & ~dilate(stands, OUTLINE)
    sources = sources if sources.any() else flows
    return continued, fill_smooth(moving, flows), hidden, sources


def shore_depth(
    depth: Float32Image,
    moving: Float32Image,
    sky: Mask,
    least: float,
    long_side: int,
    shift: float,
) -> Float32Image:
    """Return depth [H, W] in which what stands at the water is nearer than it by two of its rows.

    Both meet at one depth, and Gaussians are sorted by their centres: water that flows along its
    bank, or comes out under a boat, would be drawn before them as often as behind. On a far move a
    row of depth is some pixels, by which what stands would be seen out of its place; then it is
    nearer by less.

    Args:
        depth: [H, W] metres.
        moving: [H, W] 0..1.
        sky: [H, W].
        least: Motion from which a surface counts as moving.
        long_side: Of the photo in pixels.
        shift: By how many pixels per unit of disparity things shift along the path.
    """
    flows = ~sky & (moving > least)
    if not flows.any():
        return depth
    disparity = np.where(sky, 0.0, 1.0 / depth).astype(np.float32)
    row = fill_smooth(slope(disparity, axis=0), flows)
    row = np.minimum(ROWS * row, OUT_OF_PLACE / max(shift, 1e-9))
    away = cv2.distanceTransform((~flows).astype(np.uint8), cv2.DIST_L2, 5)
    share = np.clip(1.0 - away / (SHORE * long_side), 0.0, 1.0)
    nearer = disparity + share * row
    stands = ~sky & ~flows & (share > 0.0)
    return np.where(stands, 1.0 / np.maximum(nearer, 1e-9), depth).astype(np.float32)
