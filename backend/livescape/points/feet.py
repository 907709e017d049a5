"""Where what stands in the photo is, as seen from each of its pixels."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from livescape.imaging.morphology import nearest_values
from livescape.points.layers import MOVES, LayeredPhoto

Float32Array = NDArray[np.float32]


@dataclass(frozen=True)
class Feet:
    """What stands in the photo, as seen from each pixel of its grid.

    Attributes:
        clearance: [H, W] pixels to the nearest pixel of what stands.
        foot: [H, W, 3] that pixel's middle, right and down in pixels, and its depth in metres.
    """

    clearance: Float32Array
    foot: Float32Array


def feet_of(photo: LayeredPhoto) -> Feet | None:
    """Return what stands on the front layer of ``photo``, or None if nothing does."""
    front = photo.layers[0]
    stands = front.valid & (front.moving <= MOVES)
    if not stands.any():
        return None
    rows, columns = np.indices(stands.shape, np.float32) + np.float32(0.5)
    found = [nearest_values(each, stands) for each in (columns, rows, front.depth)]
    return Feet(found[0][0], np.stack([values for _, values in found], axis=-1))
