"""What stands in the water or before the sky, though the mask covers it: posts, boats, palms.

A region that moves is described by itself: the colours around each of its pixels, and the plane
on which it lies. What differs is an *object* only if more speaks for it, because foam, ripples,
glitter and clouds differ too: an outline as sharp as the difference itself, and a colour of its
own, an upright shape or contact with what stands. In doubt it moves. A part on which the artist
has drawn a hint always moves.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from livescape.imaging.guided_filter import box_mean, guided_filter
from livescape.imaging.morphology import dilate

Float32Array = NDArray[np.float32]
Mask = NDArray[np.bool_]

WIDE, NEAR = 0.2, 0.08
"""Half the windows in which colours are described, as shares of the long side: first all, then
those near a pixel that fit."""

NOISE = 0.02
"""Least standard deviation of a region's colours."""

FITS, DIFFERS, FOREIGN = 2.5, 3.5, 6.0
"""Distances in standard deviations: of what describes the region, of what belongs to an object, and
of what each object has some of."""

SHARP = 0.5
"""Least slope at an outline, as a share of the difference across it: a step of one pixel has 1."""

DARKER, COLOURED, OWN_COLOUR = 0.06, 0.08, 0.12
"""Least differences in luminance and in colour, and that in colour which tells even bright things
from foam and glitter."""

SMALLEST = 6e-5
"""Least area, as a share of the picture."""

NEARER = 0.05
"""Least share by which an object is nearer than the surface it stands on, where depth tells."""

PLANAR = 0.03
"""Median deviation in disparity up to which a region lies on one plane."""

CUT_OFF = 0.35
"""Least coverage of a pixel that stands."""


@dataclass(frozen=True)
class _Region:
    """A part of the mask and how its pixels compare with those around them.

    Attributes:
        inside: [H, W].
        distance: [H, W] standard deviations from the colours around, 0 outside.
        expected: [H, W, 3] mean of the colours around.
    """

    inside: Mask
    distance: Float32Array
    expected: Float32Array


def standing_objects(
    image: Float32Array,
    mask: Float32Array,
    depth: Float32Array,
    sky: Mask,
    *,
    measured: bool = False,
    hints: Float32Array | None = None,
    groups: NDArray[np.integer] | None = None,
) -> Mask:
    """Return what stands [H, W] of what the mask covers.

    Args:
        image: [H, W, 3] display sRGB.
        mask: [H, W] 0..1, what should move.
        depth: [H, W] metres.
        sky: [H, W].
        measured: Whether depth was given or measured, and shows objects of its own.
        hints: [n, 2] where (x, y) the artist has drawn a motion.
        groups: [n] stroke that each of them is a part of; None where each is its own.
    """
    moves = mask > 0.5
    found = np.zeros(moves.shape, dtype=bool)
    image = np.ascontiguousarray(image, dtype=np.float32)
    outside = dilate(~moves, 2)
    for part, before_sky in ((moves & ~sky, False), (moves & sky, True)):
        if part.mean() < 100 * SMALLEST:
            continue
        region = _described(image, part)
        found |= _foreign(image, region, outside | (sky != before_sky), before_sky=before_sky)
        if not before_sky:
            found |= _upright(part, depth, region, measured=measured)
    if hints is not None:
        found &= ~_marked(found, hints, groups)
    return _to_the_edge(image, found, moves) if found.any() else found


def stood_up(depth: Float32Array, stands: Mask) -> Float32Array:
    """Return depth [H, W] in which objects that lie in the surface around them stand on their foot.

    Args:
        depth: [H, W] metres, of which nothing tells an object from the water.
        stands: [H, W] the objects.
    """
    result = depth.copy()
    count, parts, stats, _ = cv2.connectedComponentsWithStats(stands.astype(np.uint8))
    for number in range(1, count):
        left, top, width, height = stats[number, :4]
        box = np.s_[top : top + height, left : left + width]
        own = parts[box] == number
        foot = depth[box][-max(1, height // 10) :][own[-max(1, height // 10) :]]
        result[box][own] = np.minimum(result[box][own], np.median(foot))
    return result


def _described(image: Float32Array, inside: Mask) -> _Region:
    """Compare each pixel with the region around it: robustly, objects do not describe it."""
    long_side = max(inside.shape)
    fits, distance = inside, np.zeros(inside.shape, np.float32)
    expected = image
    for share in (WIDE, WIDE, WIDE, WIDE, NEAR):
        radius = max(3, round(share * long_side))
        weight = fits.astype(np.float32)
        # Where all around differs, a little of the whole region keeps the description sane.
        total = box_mean(weight, radius) + 1e-4
        whole = image[fits].mean(axis=0) if fits.any() else image.mean(axis=(0, 1))
        expected = (box_mean(image * weight[..., None], radius) + 1e-4 * whole) / total[..., None]
        away = np.moveaxis(image - expected, -1, 0)
        pairs = [(i, j) for i in range(3) for j in range(i, 3)]
        outer = np.stack([image[..., i] * image[..., j] for i, j in pairs], -1) * weight[..., None]
        second = box_mean(outer, radius) / total[..., None]
        covariance = {
            (i, j): second[..., k] - expected[..., i] * expected[..., j]
            for k, (i, j) in enumerate(pairs)
        }
        distance = np.where(inside, _deviations(away, covariance), 0.0).astype(np.float32)
        fits = inside & (distance < FITS)
    return _Region(inside, distance, expected.astype(np.float32))


def _deviations(
    away: Float32Array, covariance: dict[tuple[int, int], Float32Array]
) -> Float32Array:
    """Return how many standard deviations [H, W] colours are ``away`` [3, H, W] from their mean.

    By Cholesky's factors, one entry of all pixels at a time: a solver of small matrices spends its
    time between them. Noise bounds every variance from below, before and after elimination.
    """
    lower: dict[tuple[int, int], Float32Array] = {}
    solved: list[Float32Array] = []
    for i in range(3):
        for j in range(i):
            rest = sum(lower[i, k] * lower[j, k] for k in range(j))
            lower[i, j] = np.asarray((covariance[j, i] - rest) / lower[j, j], np.float32)
        rest = sum(lower[i, k] ** 2 for k in range(i))
        variance = np.maximum(covariance[i, i] + NOISE**2 - rest, NOISE**2)
        lower[i, i] = np.sqrt(variance, dtype=np.float32)
        solved.append((away[i] - sum(lower[i, k] * solved[k] for k in range(i))) / lower[i, i])
    return np.asarray(np.sqrt(sum(each**2 for each in solved)), np.float32)


def _foreign(image: Float32Array, region: _Region, contact: Mask, *, before_sky: bool) -> Mask:
    """Return the parts of a region that have an object's colour, outline and place."""
    differs = cv2.morphologyEx(
        (region.distance > DIFFERS).astype(np.uint8), cv2.MORPH_CLOSE, np.ones((3, 3), np.uint8)
    )
    count, parts, stats, _ = cv2.connectedComponentsWithStats(differs, connectivity=8)
    result = np.zeros(region.inside.shape, dtype=bool)
    slope = _step(image)
    for number in range(1, count):
        left, top, width, height, area = stats[number]
        if area < SMALLEST * differs.size:
            continue
        box = np.s_[max(top - 1, 0) : top + height + 1, max(left - 1, 0) : left + width + 1]
        own = (parts[box] == number) & region.inside[box]
        if not (own & (region.distance[box] > FOREIGN)).any():
            continue
        difference = (image[box] - region.expected[box])[own].mean(axis=0)
        if _is_object(
            difference,
            _sharpness(slope[box], own, difference),
            upright=height >= width,
            touches=bool((own & contact[box]).any()),
            before_sky=before_sky,
        ):
            result[box] |= own
    return result


def _is_object(
    difference: Float32Array, sharpness: float, *, upright: bool, touches: bool, before_sky: bool
) -> bool:
    """Decide by what differs on the whole: [3] colour, outline, shape and place."""
    luminance = float(difference @ np.array([0.299, 0.587, 0.114], np.float32))
    colour = float(np.linalg.norm(difference - difference.mean()))
    if sharpness < SHARP:
        return False
    if luminance > -DARKER and colour < OWN_COLOUR:
        return False  # foam, glitter, a cloud in the sun
    if before_sky:
        return touches
    if luminance > DARKER:
        return False  # lamps and the sun are mirrored in colour
    return colour > COLOURED or upright or touches


def _step(image: Float32Array) -> Float32Array:
    """Return [H, W] how much the image changes across two pixels, over all channels."""
    kernel = np.ones((3, 3), np.uint8)
    spread = cv2.dilate(image, kernel) - cv2.erode(image, kernel)
    return np.asarray(np.linalg.norm(spread, axis=-1), dtype=np.float32)


def _sharpness(slope: Float32Array, own: Mask, difference: Float32Array) -> float:
    """Return the median slope along the outline as a share of the difference across it."""
    inner = cv2.erode(own.astype(np.uint8), np.ones((3, 3), np.uint8), borderValue=0) > 0
    outline = slope[own & ~inner]
    return float(np.median(outline) / max(float(np.linalg.norm(difference)), 1e-6))


def _upright(part: Mask, depth: Float32Array, region: _Region, *, measured: bool) -> Mask:
    """Return the parts that are nearer than the plane on which the rest lies, as depth has it."""
    inverse = (1.0 / depth).astype(np.float64)
    rows, columns = np.nonzero(part)
    keep = np.ones(len(rows), dtype=bool)
    design = np.column_stack([columns, rows, np.ones_like(rows)]).astype(np.float64)
    values = inverse[part]
    plane: NDArray[np.floating] = np.zeros(3)
    for _ in range(6):
        plane = np.linalg.lstsq(design[keep], values[keep], rcond=None)[0]
        away = np.abs(values - design @ plane) / values
        keep = away <= max(3.0 * float(np.median(away)), 1e-4)
    deviation = float(np.median(away))
    if deviation > PLANAR:
        return np.zeros_like(part)  # a fall, a bent stream: no one plane
    expected = np.zeros(part.shape)
    expected[part] = design @ plane
    row = abs(float(plane[1])) + abs(float(plane[0]))
    limit = (1.0 + max(NEARER, 6.0 * deviation)) * np.maximum(expected, 0.0) + 1.5 * row
    nearer = part & (inverse > limit)
    if not measured:
        nearer &= region.distance > FITS  # the layout's guess alone would freeze reflections
    opened = cv2.morphologyEx(nearer.astype(np.uint8), cv2.MORPH_CLOSE, np.ones((3, 3), np.uint8))
    count, parts, stats, _ = cv2.connectedComponentsWithStats(opened, connectivity=8)
    large = stats[:, cv2.CC_STAT_AREA] >= SMALLEST * part.size
    large[0] = False
    share = float((large[parts] & part).sum()) / float(part.sum())
    if count == 1 or share > 0.5:
        return np.zeros_like(part)
    return np.asarray(large[parts] & part)


def _marked(found: Mask, hints: Float32Array, groups: NDArray[np.integer] | None = None) -> Mask:
    """Return the connected parts of ``found`` that a stroke means: most of its hints lie there.

    A stroke along the water that crosses a post does not mean the post.
    """
    height, width = found.shape
    _, parts = cv2.connectedComponents(found.astype(np.uint8))
    columns, rows = np.floor(hints).astype(int).T
    inside = (columns >= 0) & (columns < width) & (rows >= 0) & (rows < height)
    at = np.where(inside, parts[rows.clip(0, height - 1), columns.clip(0, width - 1)], 0)
    strokes = np.arange(len(at)) if groups is None else groups
    meant = []
    for stroke in np.unique(strokes):
        labels, counts = np.unique(at[strokes == stroke], return_counts=True)
        meant += labels[(labels > 0) & (2 * counts > counts.sum())].tolist()
    return np.asarray(np.isin(parts, meant))


def _to_the_edge(image: Float32Array, found: Mask, moves: Mask) -> Mask:
    """Return objects grown or cut to the picture's own edges, mixed pixels with the object."""
    coverage = guided_filter(image, found[None].astype(np.float32), 3, 1e-4)[0]
    near = dilate(found, 2)
    return np.asarray(moves & near & ((coverage > CUT_OFF) | (found & (coverage > CUT_OFF / 2))))
