"""Hints that the artist drew, spread over what moves, and the drawn regions as masks."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from livescape.motion.hint_reach import (
    TURN,
    apart_from,
    default_reach,
    pixel_at,
    spread,
    whole,
)
from livescape.motion.many_hints import (
    LINKED,
    MANY,
    parts_of_many,
    spread_many,
    thinned,
    window_around,
)
from livescape_shared.annotation import Annotation

Float32Array = NDArray[np.float32]

WIDER = 2.0
"""Reach, in units of a hint's, of what the mean of the hints misses: motion varies smoothly."""

TOLERANCE = 0.03
"""Share of its variance by which a hint is drawn inexactly."""

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
    parts: Iterator[NDArray[np.bool_]]
    pixels = [pixel_at(start, width, height) for start in drawn.starts]
    if drawn.says_what_moves:
        # One at a time: there may be thousands, of which few have a hint.
        hinted = [each for each in drawn.polygons if _is_near(each, pixels)]
        parts = (_drawn((polygon,), width, height) > 0 for polygon in hinted)
        if drawn.moving is not None:
            covered = _with(np.zeros(mask.shape, np.float32), drawn.moving) > 0
            labels = cv2.connectedComponents(covered.astype(np.uint8))[1]
            at_hints = _labels_at(labels, pixels)
            parts = chain(parts, (labels == label for label in at_hints))
    else:
        sky = np.zeros(mask.shape, bool) if in_sky is None else in_sky
        halves = [
            cv2.connectedComponents((moving & side).astype(np.uint8))[1] for side in (sky, ~sky)
        ]
        parts = (half == label for half in halves for label in _labels_at(half, pixels))
    for part in parts:
        if any(part[row, column] for column, row in pixels):
            own |= part
    return moving & ~own


def _is_near(polygon: Float32Array, pixels: list[tuple[int, int]]) -> bool:
    """Return whether any of ``pixels`` (column, row) lies within two pixels of the polygon."""
    places = np.array(pixels).reshape(-1, 2)
    low, high = polygon.min(axis=0) - 2.0, polygon.max(axis=0) + 2.0
    return bool(((places >= low) & (places <= high)).all(axis=1).any())


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
    if not len(hints):
        return np.zeros((*mask.shape, motions.shape[1]), np.float32)
    reach = sigma if sigma is not None else default_reach(mask, len(hints))
    if len(hints) > MANY:
        field = spread_many(hints, motions, mask.shape, reach, normals, mask > 0)
    else:
        field = spread(hints, motions, mask.shape, reach, normals)
    return np.asarray(field * mask[..., None], dtype=np.float32)


def through_hints(
    field: NDArray[np.floating],
    hints: NDArray[np.floating],
    motions: NDArray[np.floating],
    mask: NDArray[np.floating],
    normals: NDArray[np.floating] | None = None,
) -> Float32Array:
    """Return a spread field [H, W, C] that meets its hints as they were drawn.

    A weighted mean misses each hint by what its neighbours say, so that a river is too slow where
    it is fastest and too fast at its banks. What is missed is added as a smooth field (simple
    kriging), which fades where no hint is near. Nothing becomes faster than the fastest hint,
    however they contradict each other.

    Args:
        field: What :func:`densify_hints` returned for the other arguments.
        hints: [n, 2] positions in pixels.
        motions: [n, C].
        mask: [H, W]; where it is not 0.
        normals: [H, W, 3].
    """
    if len(hints) < 2:
        return np.asarray(field, dtype=np.float32)
    reach = WIDER * default_reach(mask, len(hints))
    height, width = mask.shape
    pixels = [pixel_at(hint, width, height)[::-1] for hint in hints]
    share = np.array([float(mask[pixel]) for pixel in pixels])[:, None]
    told = np.array([field[pixel] for pixel in pixels]) / np.maximum(share, 1e-6)
    missed = np.where(share > 0.0, motions - told, 0.0)
    met = np.array(field, dtype=np.float64)
    many = len(hints) > MANY
    parts = _parts(hints, pixels, missed, reach, normals)
    for hint, pixel, part in zip(hints, pixels, parts, strict=True):
        place = window_around(hint, mask.shape, LINKED * reach) if many else whole(mask.shape)
        apart = apart_from(hint, place, reach)
        if normals is not None:
            # The chord, not the angle, makes this likeness positive definite.
            apart = apart + ((normals[place] - normals[pixel]) ** 2).sum(axis=-1) / TURN**2
        met[place] += (np.exp(-apart) * mask[place])[..., None] * part
    fastest = float(np.linalg.norm(motions, axis=1).max())
    speed = np.linalg.norm(met, axis=-1, keepdims=True)
    return np.asarray(met * np.minimum(1.0, fastest / np.maximum(speed, 1e-12)), np.float32)


def _parts(
    hints: NDArray[np.floating],
    pixels: list[tuple[int, int]],
    missed: NDArray[np.floating],
    reach: float,
    normals: NDArray[np.floating] | None,
) -> NDArray[np.floating]:
    """Return [n, C] what each hint adds so that all together make what was ``missed``."""
    turned = np.zeros((len(hints), 0))
    if normals is not None:
        turned = np.array([normals[pixel] for pixel in pixels]) / TURN
    if len(hints) > MANY:
        return parts_of_many(hints / reach, turned, missed, TOLERANCE)
    apart = ((hints[:, None] - hints) ** 2).sum(axis=-1) / reach**2
    apart += ((turned[:, None] - turned) ** 2).sum(axis=-1)
    return np.linalg.solve(np.exp(-apart) + TOLERANCE * np.eye(len(hints)), missed)


def densify_by_region(
    hints: NDArray[np.floating],
    motions: NDArray[np.floating],
    mask: NDArray[np.floating],
    surfaces: NDArray[np.integer] | None = None,
    normals: NDArray[np.floating] | None = None,
) -> Float32Array:
    """Spread sparse motions through their hints, each connected region by itself.

    A region that has hints of its own ignores all others; one that has none follows them all.

    Args:
        hints: [n, 2] positions in pixels.
        motions: [n, C].
        mask: [H, W] in 0..1.
        surfaces: [H, W] number of the surface that each pixel of the mask lies on, 0 for none. One
            that has hints of its own ignores others of the same region, too.
        normals: [H, W, 3] as for :func:`densify_hints`.
    """
    field = _met(hints, motions, mask, normals)
    _, regions = cv2.connectedComponents((mask > 0).astype(np.uint8))
    for labels in (regions, *(() if surfaces is None else (surfaces,))):
        home = np.array([labels[pixel_at(hint, *mask.shape[::-1])[::-1]] for hint in hints])
        for label in np.unique(home[home > 0]):
            own = home == label
            if not own.all():
                part = mask * (labels == label)
                local = _met(hints[own], motions[own], part, normals)
                field = np.where((labels == label)[..., None], local, field)
    return field


def _met(
    hints: NDArray[np.floating],
    motions: NDArray[np.floating],
    mask: NDArray[np.floating],
    normals: NDArray[np.floating] | None,
) -> Float32Array:
    """Return a field that is spread from hints and meets them."""
    if len(hints) > MANY:
        hints, motions = thinned(hints, motions, default_reach(mask, len(hints)) / 2.0)
    field = densify_hints(hints, motions, mask, normals=normals)
    return through_hints(field, hints, motions, mask, normals)
