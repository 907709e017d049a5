"""What moves goes on under what stands in it: water behind a post, under a boat, below a rock.

The water that the photo shows before a post passes it and comes out behind it. What lies under the
post at first is in no photo; it is invented in the colours of the water around, and moves along.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

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
"""Rows of the water by which what stands at it is nearer, and what goes on under it farther. Water
whose middle is below a foot would else be before it, and its Gaussians reach some rows up."""

REACH = 3.0
"""Pixels that a Gaussian of the water reaches up in the picture."""

OUT_OF_PLACE = 0.5
"""Most pixels by which either may be seen out of its place for that."""

DEEPEST = 1.05
"""Most by which what goes on under things is farther; still copies of water are so by more."""

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


@dataclass(frozen=True)
class Shore:
    """What of a picture is water and what stands at it, and by how much they may part.

    Attributes:
        flows: [H, W] water.
        share: [H, W] 1 at the water, 0 away from it.
        around: [H, W] 1 under what stands and as near to it as water reaches, 0 away from it.
        rows: [H, W] disparity of :data:`ROWS` of the water's rows; at an outline it tends to 0, and
            what stands there hardly leaves its place: by all of the rows the lake lost 0.2 dB.
        inner_rows: [H, W] the same as rows are where water is above and below.
        displaced: [H, W] by how many pixels per unit of disparity the path sees a place moved.
    """

    flows: Mask
    share: Float32Image
    around: Float32Image
    rows: Float32Image
    inner_rows: Float32Image
    displaced: Float32Image

    def nearer(self, depth: Float32Image, sky: Mask) -> Float32Image:
        """Return depth [H, W] in which what stands at the water is nearer."""
        stands = ~sky & ~self.flows & (self.share > 0.0)
        nearer = 1.0 / depth + self.share * self._within(self.rows)
        return np.where(stands, 1.0 / np.maximum(nearer, 1e-9), depth).astype(np.float32)

    def behind(self, depth: Float32Image) -> Float32Image:
        """Return how many times as far [H, W] lies what comes out from under things, at a depth."""
        own, less = 1.0 / depth, self.around * self._within(self.inner_rows)
        farther = np.maximum(own - less, own / DEEPEST)
        return np.asarray(own / farther, dtype=np.float32)

    def _within(self, rows: Float32Image) -> Float32Image:
        """Return rows' disparity [H, W], or less, so that no frame shows it out of place."""
        most = OUT_OF_PLACE / np.maximum(self.displaced, 1e-9)
        return np.asarray(np.minimum(rows, most), dtype=np.float32)


def shore(
    depth: Float32Image,
    moving: Float32Image,
    sky: Mask,
    least: float,
    long_side: int,
    displaced: Callable[[Mask], Float32Image],
) -> Shore | None:
    """Return where what stands and the water that it stands in part; None without water.

    Both meet at one depth, and Gaussians are sorted by their centres: water that flows along its
    bank, or comes out under a boat, would be drawn before them as often as behind. A rock that
    leans back is no nearer three rows above its foot than the water there, so both give way: what
    stands is nearer, and what comes out from under it farther. On a far move a row of depth is some
    pixels, by which they would be seen out of their places; then they part by less.

    Args:
        depth: [H, W] metres.
        moving: [H, W] 0..1.
        sky: [H, W].
        least: Motion from which a surface counts as moving.
        long_side: Of the photo in pixels.
        displaced: Tells of some places [H, W] by how many pixels per unit of disparity the path
            sees them moved.
    """
    flows = ~sky & (moving > least)
    if not flows.any():
        return None
    disparity = np.where(sky, 0.0, 1.0 / depth).astype(np.float32)
    row = slope(disparity, axis=0)
    # Beside what stands, one side of a row of water is the rock's, and its slope none at all.
    column = np.ones((3, 1), np.uint8)
    inner = cv2.erode(flows.astype(np.uint8), column, borderType=cv2.BORDER_REPLICATE) > 0
    rows, inner_rows = (
        np.asarray(ROWS * fill_smooth(row, known), dtype=np.float32)
        for known in (flows, inner if inner.any() else flows)
    )
    away = cv2.distanceTransform((~flows).astype(np.uint8), cv2.DIST_L2, 5)
    share = np.clip(1.0 - away / (SHORE * long_side), 0.0, 1.0).astype(np.float32)
    out = cv2.distanceTransform((flows | sky).astype(np.uint8), cv2.DIST_L2, 5) - REACH
    around = np.clip(1.0 - out / (SHORE * long_side), 0.0, 1.0).astype(np.float32)
    return Shore(flows, share, around, rows, inner_rows, displaced(~sky & (around > 0.0)))
