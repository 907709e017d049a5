"""Hints that the artist drew, spread over what moves, and the drawn regions as masks."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from livescape_shared.annotation import Annotation

Float32Array = NDArray[np.float32]

TURN = np.radians(20.0)
"""Angle between two parts of a surface at which motion along one says little of the other: falling
water and its pool are nearly at right angles, reaches of one water within a few degrees; normals of
estimated depth are off by some ten."""

_SUPERSAMPLED_LIMIT = 16_384


def annotation_mask(annotation: Annotation, width: int, height: int) -> Float32Array:
    """Draw the regions that move at the given size, antialiased.

    Returns:
        [height, width] in 0..1.
    """
    drawn = _drawn(annotation.resized(width, height).polygons, width, height)
    return _with(drawn, annotation.moving)


def still_mask(annotation: Annotation, width: int, height: int) -> Float32Array:
    """Draw the regions that stand as :func:`annotation_mask` those that move."""
    drawn = _drawn(annotation.resized(width, height).still, width, height)
    return _with(drawn, annotation.standing)


def _with(drawn: Float32Array, mask: NDArray[np.bool_] | None) -> Float32Array:
    """Return what is drawn and what a mask of any size covers."""
    if mask is None:
        return drawn
    height, width = drawn.shape
    covered = cv2.resize(mask.astype(np.uint8) * 255, (width, height), interpolation=cv2.INTER_AREA)
    return np.asarray(np.maximum(drawn, covered / np.float32(255)), dtype=np.float32)


def without_hint(
    annotation: Annotation, mask: NDArray[np.floating], in_sky: NDArray[np.bool_] | None = None
) -> NDArray[np.bool_]:
    """Return [H, W] what moves and has no hint of its own.

    A region is what one polygon covers, or a connected part of a mask: of that which was given
    with the hints or, where no region was, of all that moves.

    Args:
        annotation: Polygons and hints, of any image size.
        mask: [H, W] in 0..1.
        in_sky: [H, W] what is sky; a connected part ends where sky and land meet.
    """
    height, width = mask.shape
    drawn, moving = annotation.resized(width, height), mask > 0
    own = np.zeros(mask.shape, bool)
    pixels = [pixel_at(start, width, height) for start in drawn.starts]
    if drawn.says_what_moves:
        parts = [_drawn((polygon,), width, height) > 0 for polygon in drawn.polygons]
        if drawn.moving is not None:
            covered = _with(np.zeros(mask.shape, np.float32), drawn.moving) > 0
            labels = cv2.connectedComponents(covered.astype(np.uint8))[1]
            parts += [labels == label for label in _labels_at(labels, pixels)]
    else:
        sky = np.zeros(mask.shape, bool) if in_sky is None else in_sky
        halves = [
            cv2.connectedComponents((moving & side).astype(np.uint8))[1] for side in (sky, ~sky)
        ]
        parts = [half == label for half in halves for label in _labels_at(half, pixels)]
    for part in parts:
        if any(part[row, column] for column, row in pixels):
            own |= part
    return moving & ~own


def _labels_at(labels: NDArray[Any], pixels: list[tuple[int, int]]) -> set[int]:
    """Return the labels at pixels (column, row), without 0."""
    return {int(labels[row, column]) for column, row in pixels} - {0}


def _drawn(polygons: tuple[Float32Array, ...], width: int, height: int) -> Float32Array:
    """Draw polygons of an image of this size, antialiased, as [height, width] in 0..1."""
    scale = max(1, min(4, _SUPERSAMPLED_LIMIT // max(width, height)))
    canvas = np.zeros((height * scale, width * scale), np.uint8)
    for polygon in polygons:
        # Pixel centres lie at +0.5 here and at whole numbers in OpenCV.
        vertices = np.rint((polygon * scale - 0.5) * 16).clip(-(2**30), 2**30).astype(np.int32)
        cv2.fillPoly(canvas, [vertices], 255, shift=4)
    mask = cv2.resize(canvas, (width, height), interpolation=cv2.INTER_AREA)
    return np.asarray(mask, dtype=np.float32) / np.float32(255)


def densify_hints(
    hints: NDArray[np.floating],
    motions: NDArray[np.floating],
    mask: NDArray[np.floating],
    sigma: float | None = None,
    normals: NDArray[np.floating] | None = None,
) -> Float32Array:
    """Spread sparse motions over a mask: sum_k w_k m_k / sum_k w_k, w_k = exp(-(d_k / sigma)^2).

    The field draws sigma at random from [H / 2n, 2 H / n), which leaves visible seams between
    hints of a wide image; the default here is the spacing of n hints spread evenly over the mask.
    The weights are normalised in the logarithm, so that pixels far from every hint follow the
    nearest one instead of 0 / 0.

    Args:
        hints: [n, 2] positions in pixels.
        motions: [n, C] of any unit, such as pixels per frame.
        mask: [H, W]; the result is multiplied by it.
        sigma: Reach of a hint in pixels.
        normals: [H, W, 3] unit normals of the surface, if known: what is inclined against the place
            of a hint by :data:`TURN` is as far from it as its reach.

    Returns:
        [H, W, C] in the unit of the motions.
    """
    if len(hints) != len(motions):
        raise ValueError(f"{len(hints)} hints but {len(motions)} motions")
    weighted = np.zeros((*mask.shape, motions.shape[1]))
    total = np.full((*mask.shape, 1), 1e-300)
    for weight, motion in zip(hint_weights(hints, mask, sigma, normals), motions, strict=True):
        weighted += weight[..., None] * motion
        total += weight[..., None]
    return np.asarray(weighted / total * mask[..., None], dtype=np.float32)


def hint_weights(
    hints: NDArray[np.floating],
    mask: NDArray[np.floating],
    sigma: float | None = None,
    normals: NDArray[np.floating] | None = None,
) -> Iterator[NDArray[np.floating]]:
    """Yield [H, W] how much each hint counts, 1 where it is the nearest.

    Args and result are those of :func:`densify_hints`.
    """
    height, width = mask.shape
    reach = (
        sigma if sigma is not None else max((float(mask.sum()) / max(len(hints), 1)) ** 0.5, 1.0)
    )
    x = np.arange(width) + 0.5
    y = np.arange(height) + 0.5

    def distance(hint: NDArray[np.floating]) -> NDArray[np.floating]:
        """Return the squared distance [H, W] of every pixel to a hint, in reaches."""
        apart: NDArray[np.floating] = ((y[:, None] - hint[1]) / reach) ** 2 + (
            (x[None] - hint[0]) / reach
        ) ** 2
        if normals is None:
            return apart
        column, row = pixel_at(hint, width, height)
        turned = np.arccos(np.clip(normals @ normals[row, column], -1.0, 1.0)) / TURN
        return np.asarray(apart + turned**2)

    nearest = np.full((height, width), np.inf)
    for hint in hints:
        np.minimum(nearest, distance(hint), out=nearest)
    for hint in hints:
        yield np.exp(nearest - distance(hint))


def densify_by_region(
    hints: NDArray[np.floating],
    motions: NDArray[np.floating],
    mask: NDArray[np.floating],
    surfaces: NDArray[np.integer] | None = None,
    normals: NDArray[np.floating] | None = None,
) -> Float32Array:
    """Spread sparse motions as :func:`densify_hints` does, each connected region by itself.

    A region that has hints of its own ignores all others; one that has none follows them all.

    Args:
        hints: [n, 2] positions in pixels.
        motions: [n, C].
        mask: [H, W] in 0..1.
        surfaces: [H, W] number of the surface that each pixel of the mask lies on, 0 for none. One
            that has hints of its own ignores others of the same region, too.
        normals: [H, W, 3] as for :func:`densify_hints`.
    """
    field = densify_hints(hints, motions, mask, normals=normals)
    _, regions = cv2.connectedComponents((mask > 0).astype(np.uint8))
    for labels in (regions, *(() if surfaces is None else (surfaces,))):
        home = np.array([labels[pixel_at(hint, *mask.shape[::-1])[::-1]] for hint in hints])
        for label in np.unique(home[home > 0]):
            own = home == label
            if not own.all():
                part = mask * (labels == label)
                local = densify_hints(hints[own], motions[own], part, normals=normals)
                field = np.where((labels == label)[..., None], local, field)
    return field


def pixel_at(point: NDArray[np.floating], width: int, height: int) -> tuple[int, int]:
    """Return column and row of the pixel that a point lies on or nearest to."""
    return int(np.clip(point[0], 0, width - 1)), int(np.clip(point[1], 0, height - 1))
