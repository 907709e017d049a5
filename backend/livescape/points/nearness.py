"""How much larger than in the photo the path shows what it comes near to."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from livescape.cameras.path_views import evenly
from livescape.cameras.projection import project_points, unproject_image
from livescape.points.layers import Layer, LayeredPhoto
from livescape_shared.camera import Camera

Float32Array = NDArray[np.float32]

FRAMES = 12
"""Frames of the path, at most, that are looked at."""

LARGEST = 16.0
"""Factor beyond which nothing is told apart: what the camera passes fills the frame."""


def nearness(photo: LayeredPhoto, layer: Layer, path: Sequence[Camera]) -> Float32Array:
    """Return [H, W] how many times as large as in the photo a frame shows each pixel, at most.

    Args:
        photo: Has the camera of the layer's grid.
        layer: The surface.
        path: Every camera of the shot.

    Returns:
        At least 1, which is what no frame shows larger, and at most :data:`LARGEST`.
    """
    found = np.ones(layer.valid.shape, np.float32)
    if not layer.valid.any() or not path:
        return found
    points = unproject_image(layer.depth, photo.camera)[layer.valid]
    own = photo.camera.K[0, 0] / layer.depth[layer.valid]
    most = np.ones(len(points))
    for number in evenly(len(path), min(len(path), FRAMES)):
        view = path[number]
        positions, depth = project_points(points, view)
        inside = (depth > 0) & (positions >= 0).all(axis=1)
        inside &= (positions <= (view.width, view.height)).all(axis=1)
        larger = view.K[0, 0] / np.maximum(depth, 1e-9) / own
        most = np.where(inside, np.maximum(most, larger), most)
    found[layer.valid] = np.minimum(most, LARGEST)
    return found
