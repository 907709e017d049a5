"""What stands before what flows lets nothing of it through.

Before the sky all stays as fitted: what a skyline lets through is what the photo shows there, and
closed, clips of skies lost 0.5 dB one frame ahead.

Fitting leaves most Gaussians a tenth transparent: the photo does not mind, as what lies behind has
its part in the colours. Once that moves on, its texture shows through, and a rock's edge seems to
stir before the fall.
"""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
from numpy.typing import NDArray

from livescape.cameras.projection import project_points
from livescape.imaging.morphology import disc
from livescape.points.layers import MOVES, LayeredPhoto
from livescape_shared.gaussians import Gaussians

CLOSED = 0.97
"""Least opacity of what stands before what flows. Two that overlap there let a thousandth pass."""

MARGIN = 4
"""Pixels along an outline where it stays as it was fitted: closed, its skirts would cover some of
the water beside it, which lost the lake 0.1 dB, and a thin tree some of what shows beside it."""


def closed_before_motion(
    gaussians: Gaussians, whole: NDArray[np.bool_], photo: LayeredPhoto
) -> Gaussians:
    """Return Gaussians of which those that stand before something that moves are opaque.

    Args:
        gaussians: N fitted Gaussians.
        whole: [N] which of them stand and cover all of their pixels.
        photo: The layers; what moves behind another surface is on one of those behind the front.
    """
    pixels, depth = project_points(gaussians.means, photo.camera)
    size = photo.camera.width, photo.camera.height
    inside = whole & (depth > 0.0) & np.all((pixels >= 0.0) & (pixels < size), axis=1)
    columns, rows = pixels[inside].astype(np.int64).T
    hides = np.zeros(len(columns), bool)
    front = photo.layers[0]
    stands = front.valid & (front.moving <= MOVES)
    for layer in photo.layers[1:]:
        if layer.name == "sky":
            continue
        hidden = stands & layer.valid & (layer.moving > MOVES)
        inner = cv2.erode(hidden.astype(np.uint8), disc(MARGIN)) > 0
        hides |= inner[rows, columns] & (depth[inside] < layer.depth[rows, columns])
    least = np.zeros(len(gaussians), np.float32)
    least[inside] = np.where(hides, CLOSED, 0.0)
    return replace(gaussians, opacities=np.maximum(gaussians.opacities, least))
