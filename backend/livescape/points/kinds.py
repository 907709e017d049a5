"""The kinds of surfaces that the photo shows, and what it and its surroundings hold of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from livescape.points.floor import Floor, lies_flat, whole_patches
from livescape_shared.camera import Camera

Float32Image = NDArray[np.float32]
Mask = NDArray[np.bool_]
Kinds = NDArray[np.uint8]

OPEN: Final = 0
STANDING: Final = 1
STILL_FLOOR: Final = 2
MOVING_FLOOR: Final = 3
"""Kinds: sky, what stands or is no floor, ground, water."""

NONE: Final = -1
"""No pixel of the photo."""


@dataclass(frozen=True)
class Surroundings:
    """The photo and what surrounds it, on the grown grid.

    Attributes:
        kinds: [H, W] what each pixel shows.
        depth: [H, W] metres.
        moving: [H, W] 0..1.
        source: [H, W] int32, number of the photo's pixel whose colour it has, or -1.
    """

    kinds: Kinds
    depth: Float32Image
    moving: Float32Image
    source: NDArray[np.int32]

    @property
    def sky(self) -> Mask:
        """[H, W] where there is sky."""
        return np.asarray(self.kinds == OPEN)

    def copy(self) -> Surroundings:
        """Return the same in arrays of its own."""
        return Surroundings(*(array.copy() for array in vars(self).values()))


def kinds_of(
    depth: Float32Image, sky: Mask, moving: Float32Image, floor: Floor | None, camera: Camera
) -> Kinds:
    """Return the kind [H, W] of what the photo shows at each pixel."""
    kinds = np.where(sky, OPEN, STANDING).astype(np.uint8)
    if floor is not None:
        flat = lies_flat(depth, sky, floor, camera)
        kinds[whole_patches(flat & (moving <= 0.5))] = STILL_FLOOR
        kinds[whole_patches(flat & (moving > 0.5))] = MOVING_FLOOR
    return kinds
