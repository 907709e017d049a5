"""The photo warped by true geometry: what knowing the motion named, and nothing else, can reach."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from livescape.cameras.projection import unproject_points
from livescape.evaluate.contenders import Shown
from livescape.evaluate.regions import Mask, origin
from livescape.evaluate.truth import TruthView
from livescape.imaging.sampling import pixel_centres, sample_bilinear

Float32Array = NDArray[np.float32]


def oracle(view: TruthView, photo: TruthView, flow: Float32Array, elsewhere: Shown) -> Shown:
    """Return ``view`` made of the photo's own pixels wherever the photo shows them.

    Args:
        view: What is to be shown; of it, only geometry and labels are used.
        photo: The photo.
        flow: [H, W, 2] pixels per frame by which it is believed to move.
        elsewhere: Shown where the photo does not tell.
    """
    found = origin(view, photo, lifted(photo, flow))
    warped = np.asarray(sample_bilinear(photo.image, found.positions), dtype=np.float32)
    image = np.where(found.seen[..., None], warped, elsewhere.image)
    nowhere: Mask = elsewhere.uncovered & ~found.seen
    return Shown(image, nowhere)


def lifted(photo: TruthView, flow: Float32Array) -> Float32Array:
    """Return a flow as velocity [H, W, 3] in metres per frame along the photo's true surface."""
    height, width = photo.label.shape
    ends = pixel_centres(height, width) + flow
    disparity = sample_bilinear((1.0 / photo.depth)[..., None], ends)[..., 0]
    # Across an edge the target's depth belongs to something else: the point keeps its own.
    same = np.abs(disparity * photo.depth - 1.0) < 0.2
    depth = np.where(same, 1.0 / disparity, photo.depth)
    moved = unproject_points(ends.reshape(-1, 2), depth.reshape(-1), photo.camera)
    velocity = moved.reshape(height, width, 3) - photo.positions
    return np.asarray(np.where(photo.moving[..., None], velocity, 0.0), dtype=np.float32)
