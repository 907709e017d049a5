"""What lies beyond the frame: which kind of surface, how far away, and whether it moves.

What stands goes on first (:mod:`livescape.points.beyond_sides`), then the floors, up to the lines
where they end (:mod:`livescape.points.beyond_floors`).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from livescape.points.beyond_floors import with_floors
from livescape.points.beyond_sides import above, mirrored
from livescape.points.floor import Floor
from livescape.points.kinds import Surroundings, kinds_of
from livescape.points.margins import Margins
from livescape_shared.camera import Camera

Float32Image = NDArray[np.float32]
Mask = NDArray[np.bool_]


def surroundings(
    depth: Float32Image,
    sky: Mask,
    moving: Float32Image,
    floor: Floor | None,
    camera: Camera,
    margins: Margins,
) -> Surroundings:
    """Continue the photo's surfaces over the grown grid.

    Args:
        depth: [H, W] metres.
        sky: [H, W].
        moving: [H, W] 0..1.
        floor: The plane on which the scene stands, if it has one.
        camera: The photo camera.
        margins: How far the grid goes on.
    """
    kinds = kinds_of(depth, sky, moving, floor, camera)
    around = mirrored(kinds, depth, moving, floor, margins)
    around = above(around, margins)
    if floor is None:
        return around
    return with_floors(around, kinds, depth, floor, camera, margins)
