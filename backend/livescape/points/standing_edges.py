"""Edges between what stands and what moves, and how what stands goes on behind what stands."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from livescape.imaging.morphology import dilate, disc, nearest_values
from livescape.points.hidden import EDGE_RATIO, depth_edges
from livescape.points.rows import between

Float32Image = NDArray[np.float32]
Mask = NDArray[np.bool_]

OVERLAP = 1
"""Pixels by which what stands and ends at an edge goes on behind it, so that no crack opens there.
"""

FOOT = 3
"""Pixels by which it does where water is nearer that far around. Where a rock's foot meets the
outline of another before it, the water between both is before the foot, and its Gaussians reach
over the outline: what passes would show through the rock."""

PIECE, HALF = 3.0, 0.5
"""Extent in pixels of a piece of an edge that decides as one, and the share of it that must agree.
"""


def beside_standing(
    depth: Float32Image, moves: Mask, sky: Mask, under: Float32Image
) -> tuple[Mask, Mask, Float32Image]:
    """Return where what stands goes on behind what stands in the water [H, W], and how deep.

    What moves is not hidden twice there. A boat that is seen on both sides of a post goes on behind
    it; what is seen on one side alone, such as the next post of a row, ends there as far as anyone
    knows. It keeps the depth of its edge: a plane through the posts of a row would be a wall.

    Args:
        depth: [H, W] metres along z.
        moves: [H, W] what moves.
        sky: [H, W].
        under: [H, W] metres to what moves on under all that stands.

    Returns:
        Where it goes on, where of that nothing moves under it, and its depth.
    """
    disparity = np.where(sky, 0.0, 1.0 / depth).astype(np.float32)
    _, farther = depth_edges(disparity, sky)
    stands = farther & ~moves
    if not stands.any():
        return stands, stands, depth
    of_standing = ~edge_of_moving(disparity, moves, sky)[0]
    upright = nearest_values(depth, stands)[1]
    reaches = cv2.erode(under, disc(FOOT)) < upright
    foot = dilate(stands, FOOT) & of_standing & reaches
    near = (between(depth, stands, EDGE_RATIO) | dilate(stands, OVERLAP)) & of_standing
    return near | foot, foot, upright


def edge_of_moving(
    disparity: Float32Image, moves: Mask, sky: Mask, sides: tuple[Mask, Mask] | None = None
) -> tuple[Mask, Mask]:
    """Return the pixels [H, W] where the nearest edge hides what moves, and where it is its own.

    The former are not hidden twice, if what moves goes on under what stands there. The latter are
    of the surface that ends at the edge: beside a post its water hides nothing.

    Args:
        disparity: [H, W] 1 / metres, 0 in the sky.
        moves: [H, W] what moves.
        sky: [H, W].
        sides: Further edges, as :func:`~livescape.points.hidden.sides_of_moving` finds them.
    """
    nearer, farther = depth_edges(disparity, sky)
    if sides is not None:
        nearer, farther = nearer | sides[0], farther | sides[1]
    if not (nearer.any() and farther.any()):
        return np.zeros_like(sky), np.ones_like(sky)
    return _of_edge(moves, farther), _of_edge(moves, nearer) == moves


def _of_edge(which: Mask, edge: Mask) -> Mask:
    """Return [H, W] whether the nearest piece of an edge is of ``which`` pixels for the most part.

    A pixel of the edge that was told wrongly would else decide for a fan of all that lies behind
    it: slabs of rock between slabs of water.
    """
    count, own = (
        cv2.GaussianBlur(part.astype(np.float32), (0, 0), PIECE) for part in (edge, edge & which)
    )
    share = np.asarray(own / np.maximum(count, 1e-6), np.float32)
    return np.asarray(nearest_values(share, edge)[1] > HALF)
