"""How much of the shot each point fills: where detail is worth its Gaussians.

What the camera comes near to fills many pixels, what is in the picture for long fills them in many
frames, and what is invented in a margin that one frame shows fills few. What flows is worth what is
seen where it flows: water below the frame comes in.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from livescape.engine.zbuffer import PointRenderer
from livescape.imaging.sampling import pixel_centres, sample_bilinear
from livescape.imaging.smoothing import fill_smooth
from livescape.points.cloud import PointCloud
from livescape.points.layers import MOVES, Layer, LayeredPhoto
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

FLOWS_ON = 1 / 16
"""Share of the grid's width around a place in which what flows for ever is seen in turn."""

SPREAD = 9
"""Photo pixels over which the count is averaged: single points are hit by chance."""


@dataclass(frozen=True)
class Ways:
    """Where what moves on a layer is at some moments of the shot.

    Attributes:
        step: Pixels of the layer's grid between places that are followed.
        positions: [S, h, w, 2] pixels at S moments, NaN where nothing moves; the first place is
            half a step from the grid's corner.
    """

    step: int
    positions: Float32Array


def attention(
    cloud: PointCloud,
    photo: LayeredPhoto,
    reference: Camera,
    path: Sequence[Camera],
    ways: Sequence[Ways | None] | None = None,
    *,
    endless: bool = False,
    device: str = "cpu",
    progress: Callable[[int, int], None] = lambda *_: None,
) -> list[Float32Array]:
    """Return for each layer [H, W]: pixels that one of its pixels fills in a mean frame.

    Args:
        cloud: The points of all layers.
        photo: The layers.
        reference: The photo camera.
        path: Every camera of the shot.
        ways: Of each layer that flows in the shot; what else moves is worth what its place is.
        endless: Whether what moves flows for ever: then it is worth what is seen around its place.
        device: Where to compute.
        progress: Called with (view, views) before each; may raise to stop.
    """
    chosen = [path[i] for i in np.linspace(0, len(path) - 1, min(FRAMES, len(path))).astype(int)]
    weights = [PHOTO_SHARE, *np.full(len(chosen), (1.0 - PHOTO_SHARE) / len(chosen))]
    renderer = PointRenderer(cloud.points, cloud.footprint, device)
    shares = np.zeros((2, len(cloud)), np.float64)
    for number, (view, weight) in enumerate(zip((reference, *chosen), weights, strict=True)):
        progress(number, len(weights))
        small = view.resized(max(view.width // COARSER, 1), max(view.height // COARSER, 1))
        index, _ = renderer.nearest(small)
        area = view.width * view.height / (small.width * small.height)
        filled = weight * area * np.bincount(index[index >= 0], minlength=len(cloud))
        shares[min(number, 1)] += filled
    at_first, later = (_per_layer(share, photo) for share in shares)
    worth = [one + other for one, other in zip(at_first, later, strict=True)]
    even = [_evened(one, layer.valid) for one, layer in zip(worth, photo.layers, strict=True)]
    even = _through(even, photo)
    if endless:
        even = [
            np.where(layer.moving > MOVES, _in_turn(worth, photo, layer), one)
            for one, layer in zip(even, photo.layers, strict=True)
        ]
    for number, way in enumerate(ways or ()):
        if way is not None:
            layer = photo.layers[number]
            own = _evened(at_first[number], layer.valid)
            met = own + _met(way, later, photo, layer)
            even[number] = np.where(layer.moving > MOVES, met, even[number])
    return [
        np.where(layer.valid, one + LEAST, 0.0).astype(np.float32)
        for one, layer in zip(even, photo.layers, strict=True)
    ]


def _through(worth: list[Float32Array], photo: LayeredPhoto) -> list[Float32Array]:
    """Return how much each layer [H, W] is worth with what is seen through mixed pixels."""
    first = photo.layers[0]
    if first.coverage is None:
        return worth
    through = worth[0] * (1.0 - first.coverage)
    return [worth[0], *(np.maximum(one, through) for one in worth[1:])]


def _per_layer(filled: NDArray[np.float64], photo: LayeredPhoto) -> list[Float32Array]:
    """Return counts [N] in point-cloud order as an image [H, W] per layer."""
    images = []
    first = 0
    for layer in photo.layers:
        count = np.zeros(layer.valid.shape, np.float32)
        number = int(layer.valid.sum())
        count[layer.valid] = filled[first : first + number]
        first += number
        images.append(count)
    return images


def _evened(count: Float32Array, valid: NDArray[np.bool_]) -> Float32Array:
    """Return counts [H, W] averaged over what is valid around each pixel."""
    share = cv2.blur(valid.astype(np.float32), (SPREAD, SPREAD))
    return np.asarray(cv2.blur(count, (SPREAD, SPREAD)) / np.maximum(share, 1e-3))


def _met(
    way: Ways, counts: Sequence[Float32Array], photo: LayeredPhoto, layer: Layer
) -> Float32Array:
    """Return [H, W] the mean of what is seen where that has flowed which starts at each pixel."""
    seen, moves = _seen_to_move(counts, photo, layer)
    even = np.where(moves, _evened(seen, moves), 0.0).astype(np.float32)
    framed = np.pad(even, 1)[..., None]  # beyond the grid nothing is seen
    followed = np.isfinite(way.positions[0, ..., 0])
    places = np.where(followed[..., None], way.positions + np.float32(1.0), 0.0)
    mean = fill_smooth(sample_bilinear(framed, places).mean(axis=0), followed)
    between = (pixel_centres(*layer.valid.shape) - way.step // 2 - 0.5) / way.step + 0.5
    return np.asarray(sample_bilinear(mean, between)[..., 0])


def _in_turn(counts: Sequence[Float32Array], photo: LayeredPhoto, layer: Layer) -> Float32Array:
    """Return [H, W] the mean of what is seen of the same surface around each pixel."""
    seen, moves = _seen_to_move(counts, photo, layer)
    sigma = FLOWS_ON * moves.shape[1]
    share = cv2.GaussianBlur(moves.astype(np.float32), (0, 0), sigma)
    return np.asarray(cv2.GaussianBlur(seen, (0, 0), sigma) / np.maximum(share, 1e-3))


def _seen_to_move(
    counts: Sequence[Float32Array], photo: LayeredPhoto, layer: Layer
) -> tuple[Float32Array, NDArray[np.bool_]]:
    """Return what is seen [H, W] of the moving surface that a layer shows, and where it is [H, W].

    What flows out from under a rock is on another layer there, but of the same surface.
    """
    sky = layer.name == "sky"
    moves, seen = np.zeros(layer.valid.shape, bool), np.zeros(layer.valid.shape, np.float32)
    for count, other in zip(counts, photo.layers, strict=True):
        if (other.name == "sky") == sky:
            moving = other.valid & (other.moving > MOVES)
            moves |= moving
            seen += np.where(moving, count, 0.0)
    return seen, moves
