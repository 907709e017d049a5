"""Light beyond white on the layers: what it asks of the cells that become Gaussians."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
from numpy.typing import NDArray

from livescape.points.layers import LayeredPhoto

Float32Array = NDArray[np.float32]

STOP_FEATURE = 0.1
"""How much one stop beyond white counts, in units of display sRGB: views that show such light
spread some ten stops from black to white."""

EDGE = 4.0
"""Ratio of light across which no cell may reach with its tail: two stops."""


def lighted(photo: LayeredPhoto, highlights: Float32Array) -> LayeredPhoto:
    """Return the layers with the photo's highlights [H, W, 3], each on the layer that shows it."""
    shape = (photo.camera.height, photo.camera.width)
    padded = np.zeros((*shape, 3), np.float32)
    padded[photo.margins.photo(shape)] = highlights
    layers, covered = [], np.zeros(shape, dtype=bool)
    for layer in photo.layers:
        shown = layer.valid & ~covered
        covered |= layer.valid
        layers.append(replace(layer, highlights=np.where(shown[..., None], padded, 0.0)))
    return replace(photo, layers=tuple(layers))


def in_stops(highlights: Float32Array) -> Float32Array:
    """Return the features [H, W, 3] of light beyond white."""
    return np.asarray(np.log2(1.0 + highlights) * STOP_FEATURE, np.float32)


def clear_of_edges(highlights: Float32Array) -> Float32Array:
    """Return how far [H, W] in pixels what is bright is from what is much darker.

    Where a sun of a hundred times white ends, a hundredth of one of its Gaussians is a fringe as
    bright as white. In a glow that fades, nothing much darker is near.
    """
    light = 1.0 + highlights.max(axis=-1)
    away = np.full(light.shape, np.inf, np.float32)
    level = 1.0
    while (bright := light >= EDGE * level).any():
        inside = cv2.distanceTransform((light > level).astype(np.uint8), cv2.DIST_L2, 5)
        away = np.where(bright, np.minimum(away, inside), away)
        level *= EDGE
    return np.asarray(np.minimum(away, sum(light.shape)), np.float32)
