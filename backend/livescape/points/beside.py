"""What flows beside what stands: seen together in some pixels now, and parted once it flows."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from livescape.cameras.projection import project_points
from livescape.imaging.morphology import dilate
from livescape.points.layers import MOVES, LayeredPhoto
from livescape_shared.gaussians import Gaussians

BESIDE = 3
"""Pixels of an outline across which what stands and what flows are seen together."""


def beside_what_stands(
    gaussians: Gaussians, flows: NDArray[np.bool_], photo: LayeredPhoto
) -> NDArray[np.bool_]:
    """Return [N] which of those that flow are beside what stands in the photo.

    Args:
        gaussians: N Gaussians.
        flows: [N] which of them flow.
        photo: The layers, of which the front tells what stands.
    """
    front, camera = photo.layers[0], photo.camera
    near = dilate(front.valid & (front.moving <= MOVES), BESIDE)
    pixels, depth = project_points(gaussians.means, camera)
    size = camera.width, camera.height
    inside = flows & (depth > 0.0) & np.all((pixels >= 0.0) & (pixels < size), axis=1)
    columns, rows = pixels[inside].astype(np.int64).T
    found = np.zeros(len(gaussians), bool)
    found[inside] = near[rows, columns]
    return found
