"""How much of the shot each point fills: where detail is worth its Gaussians.

What the camera comes near to fills many pixels, what is in the picture for long fills them in many
frames, and what is invented in a margin that one frame shows fills few.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from livescape.engine.zbuffer import PointRenderer
from livescape.points.cloud import PointCloud
from livescape.points.layers import LayeredPhoto
from livescape_shared.camera import Camera

Float32Array = NDArray[np.float32]

FRAMES = 12
"""Frames of the path, at most, that are looked at."""

COARSER = 2
"""Factor by which they are smaller than the photo."""

PHOTO_SHARE = 0.5
"""Share of the photo's own view: whatever the move, the shot shows what the photo showed."""

LEAST = 0.03
"""Importance of what no frame happens to show, in units of what one photo pixel has that fills
one pixel of every frame."""

SPREAD = 9
"""Photo pixels over which the count is averaged: single points are hit by chance."""


def attention(
    cloud: PointCloud,
    photo: LayeredPhoto,
    reference: Camera,
    path: Sequence[Camera],
    *,
    device: str = "cpu",
    progress: Callable[[int, int], None] = lambda *_: None,
) -> list[Float32Array]:
    """Return for each layer [H, W]: pixels that one of its pixels fills in a mean frame.

    Args:
        cloud: The points of all layers.
        photo: The layers.
        reference: The photo camera.
        path: Every camera of the shot.
        device: Where to compute.
        progress: Called with (view, views) before each; may raise to stop.
    """
    chosen = [path[i] for i in np.linspace(0, len(path) - 1, min(FRAMES, len(path))).astype(int)]
    weights = [PHOTO_SHARE, *np.full(len(chosen), (1.0 - PHOTO_SHARE) / len(chosen))]
    renderer = PointRenderer(cloud.points, cloud.footprint, device)
    filled = np.zeros(len(cloud), np.float64)
    for number, (view, weight) in enumerate(zip((reference, *chosen), weights, strict=True)):
        progress(number, len(weights))
        small = view.resized(max(view.width // COARSER, 1), max(view.height // COARSER, 1))
        index, _ = renderer.nearest(small)
        area = view.width * view.height / (small.width * small.height)
        filled += weight * area * np.bincount(index[index >= 0], minlength=len(cloud))
    return _per_layer(filled, photo)


def _per_layer(filled: NDArray[np.float64], photo: LayeredPhoto) -> list[Float32Array]:
    """Return counts [N] in point-cloud order as an image [H, W] per layer, evened out."""
    images = []
    first = 0
    for layer in photo.layers:
        count = np.zeros(layer.valid.shape, np.float32)
        number = int(layer.valid.sum())
        count[layer.valid] = filled[first : first + number]
        first += number
        share = cv2.blur(layer.valid.astype(np.float32), (SPREAD, SPREAD))
        even = cv2.blur(count, (SPREAD, SPREAD)) / np.maximum(share, 1e-3)
        images.append(np.where(layer.valid, even + LEAST, 0.0).astype(np.float32))
    return images
