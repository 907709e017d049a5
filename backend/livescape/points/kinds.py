"""The kinds of surfaces that the photo shows, and what it and its surroundings hold of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import cv2
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

MOST_OF_ISLAND = 0.5
"""Share of the frame's bottom up to which ground between water is an island: what fills more of it
is where one stands, and goes on."""

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
        kinds[_islands(kinds, depth, camera)] = STANDING
    return kinds


def _islands(kinds: Kinds, depth: Float32Image, camera: Camera) -> Mask:
    """Return the patches of ground [H, W] that are the tops of rocks which the frame's bottom cuts.

    They lie between water on both sides, reach no side of the frame, and are not longer than wide:
    a pier goes on below the frame, a rock ends in the water.
    """
    _, labels = cv2.connectedComponents((kinds == STILL_FLOOR).astype(np.uint8))
    columns = np.flatnonzero(kinds[-1] >= STILL_FLOOR)
    still = kinds[-1, columns] == STILL_FLOOR
    found = np.zeros(kinds.shape, dtype=bool)
    cuts = np.flatnonzero(np.diff(still)) + 1
    for run in np.split(np.arange(len(columns)), cuts)[1:-1]:
        if not len(run) or not still[run[0]]:
            continue
        own = columns[run]
        patches = np.isin(labels, np.unique(labels[-1, own]))
        width = columns[run[-1] + 1] - columns[run[0] - 1] - 1
        metres = width * float(depth[-1, own].mean()) / camera.K[0, 0]
        if (
            width < MOST_OF_ISLAND * kinds.shape[1]
            and not patches[:, (0, -1)].any()
            and float(np.ptp(depth[patches])) < metres
        ):
            found |= patches
    return found
