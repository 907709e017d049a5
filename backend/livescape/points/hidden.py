"""What depth edges hide: where surfaces end, and how the farther one goes on behind the nearer."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from livescape.imaging.morphology import dilate, nearest_values, within_reach
from livescape.imaging.planar import fill_planar
from livescape.imaging.smoothing import fill_smooth

Float32Image = NDArray[np.float32]
Mask = NDArray[np.bool_]

EDGE_RATIO = 1.12
"""Disparities that differ by more than this, beyond their slope, belong to different surfaces."""

BEHIND_RATIO = 1.05
"""A continued surface is kept only where it is farther than the front by at least this."""

OPENS = 2.0
"""Pixels that open along the path at a smaller step between what moves and what stands."""

LEAST_RATIO = 1.02
"""Least such step: the outline is known there, so that it is no error of the depth."""

REACH = 2
"""Pixels searched for an edge on either side."""

LEAST_BAND = 4
"""Pixels by which a surface always goes on behind an edge."""

SAFETY = 1.25
"""Factor on the parallax that reveals what is hidden."""

FOOT = 8
"""Pixels of the farther surface, starting at its edge, that determine how it continues."""


def hidden_surface(
    disparity: Float32Image,
    sky: Mask,
    shift: float,
    of: Mask | None = None,
    sides: tuple[Mask, Mask] | None = None,
) -> tuple[Float32Image, Mask, Mask] | None:
    """Continue the farther side of every depth edge under the nearer side, as far as is revealed.

    Args:
        disparity: [H, W] 1 / metres, 0 in the sky.
        sky: [H, W].
        shift: By how many pixels per unit of disparity things shift along the path.
        of: [H, W] the surfaces that are continued, all if None.
        sides: Further edges, as :func:`sides_of_moving` finds them.

    Returns:
        Disparity [H, W] of the continued surface, where it is hidden [H, W], and the visible
        pixels of such surfaces [H, W], which may be copied; None if nothing is hidden.
    """
    nearer, farther = depth_edges(disparity, sky)
    least = np.full_like(disparity, BEHIND_RATIO)
    if sides is not None and sides[0].any():
        slight = nearest_values(nearer.astype(np.float32), nearer | sides[0])[1] < 1.0
        least[slight] = 0.5 * (1.0 + LEAST_RATIO)
        nearer, farther = nearer | sides[0], farther | sides[1]
    if of is not None:
        farther &= of
        nearer &= dilate(farther, 2 * REACH)
    if not (nearer.any() and farther.any()):
        return None
    level = fill_smooth(disparity, farther)
    alike = (
        (~sky if of is None else of & ~sky)
        & ~nearer
        & (disparity < EDGE_RATIO * level)
        & (disparity > level / EDGE_RATIO)
    )
    foot = farther | (alike & dilate(farther, FOOT))
    # A slope continued too far would pass through the camera or the horizon.
    continued = np.clip(fill_planar(disparity, foot), 0.25 * level, 4.0 * level)
    # Both conditions: a far slope that curves away from its own continuation would hide it.
    before = disparity > least * np.maximum(continued, level)
    # The edge itself decides: a slope that rises towards the camera behind it hides no more.
    step = np.maximum(disparity - continued, 0.0)
    revealed = within_reach(LEAST_BAND + SAFETY * shift * step, nearer)
    # Where the sky is nearer than the farther surface, it is the sky that is hidden.
    to_sky = cv2.distanceTransform((~sky).astype(np.uint8), cv2.DIST_L2, 5)
    to_surface = cv2.distanceTransform((~farther).astype(np.uint8), cv2.DIST_L2, 5)
    before &= ~sky.any() | (to_surface <= to_sky)
    hidden = revealed & ~sky & before
    if not hidden.any():
        return None
    sources = ~sky & ~dilate(hidden, 2) & (disparity < EDGE_RATIO * continued)
    if of is not None:
        sources &= of
    return continued.astype(np.float32), hidden, sources


def sides_of_moving(
    disparity: Float32Image, sky: Mask, moves: Mask, shift: float
) -> tuple[Mask, Mask]:
    """Return both sides [H, W] of slight edges, of what moves and of what stands behind it.

    A fall runs close before its cliff: less than an edge, and yet on a bold path a gap opens
    between both through which one would see the sky.

    Args:
        disparity: [H, W] 1 / metres, 0 in the sky.
        sky: [H, W].
        moves: [H, W].
        shift: By how many pixels per unit of disparity things shift along the path.
    """
    stands = ~moves & ~sky
    opening = 1.0 + OPENS / np.maximum(shift * disparity, 1e-6)
    ratio = np.clip(opening, LEAST_RATIO, EDGE_RATIO).astype(np.float32)
    nearer, farther = depth_edges(disparity, sky, ratio)
    nearer &= moves & dilate(stands & farther, REACH)
    return nearer, farther & stands & dilate(nearer, REACH)


def depth_edges(
    disparity: Float32Image, sky: Mask, ratio: Float32Image | float = EDGE_RATIO
) -> tuple[Mask, Mask]:
    """Return the pixels [H, W] on the nearer and on the farther side of depth edges.

    A slope is not an edge, however steep it looks near the horizon: the change that it explains
    within reach is subtracted first.

    Args:
        disparity: [H, W] 1 / metres, 0 in the sky.
        sky: [H, W].
        ratio: Of both sides' disparities, at least; may be [H, W].
    """
    ring = np.ones((2 * REACH + 1, 2 * REACH + 1), np.uint8)
    ceiling = 2.0 * float(disparity.max())
    lowest = cv2.erode(np.where(sky, ceiling, disparity).astype(np.float32), ring)
    highest = cv2.dilate(disparity, ring)
    sloped = REACH * (slope(disparity, axis=0) + slope(disparity, axis=1))
    nearer = ~sky & (disparity - sloped > ratio * lowest)
    farther = ~sky & (highest - sloped > ratio * disparity) & ~nearer
    return nearer, farther


def slope(values: Float32Image, axis: int) -> Float32Image:
    """Return the |change per pixel| on which both sides agree (minmod), so that no edge counts."""
    step = np.diff(values, axis=axis)
    forward = np.concatenate([step, np.take(step, [-1], axis)], axis)
    backward = np.concatenate([np.take(step, [0], axis), step], axis)
    agreed = np.minimum(np.abs(forward), np.abs(backward))
    return np.where(forward * backward > 0.0, agreed, 0.0).astype(np.float32)
