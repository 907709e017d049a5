"""Rivers: which water is one, and flow that follows its bed.

The flow is the potential flow between the ends: the potential satisfies Laplace's equation within
the water, with no flow through the banks; its gradient runs along every bend, down a fall and out
into the pool below. A river begins at its far end and leaves through the picture's edge, or, if it
runs across the picture, from edge to edge.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from livescape.imaging.sampling import resize

Float32Array = NDArray[np.float32]
Mask = NDArray[np.bool_]

RIVER_LENGTH = (1.5, 3.5)
"""Length over width of water that is certainly no river, and of water that certainly is one."""

SEEN_BANKS = 0.3
"""Share of a river's length along which both banks must be seen before its width is known."""

_LEVELS = (24, 48, 96)
_SWEEPS = 200
# Quantile of the distances from the banks by which the middle is told.
_MIDDLE = 0.8
# Reach of an end, as a share of the body's height or the picture's width.
_END = 0.06


def riverness(inside: Mask, horizon_row: float, focal: float) -> float:
    """Return how likely a body of water is a river: water between two banks, long for its width.

    Width and length are those on the plane of the water, not in the picture: a row's width grows
    with its distance, and the far end of a lake is as wide as it looks times its distance. Only
    where both banks are in the picture is a width known.

    Args:
        inside: [H, W] where the water is.
        horizon_row: Row of the horizon in pixels.
        focal: Focal length in pixels.
    """
    height = len(inside)
    offset = np.maximum(np.arange(height) + 0.5 - horizon_row, 0.01 * height)
    distance = focal / offset  # in heights of the camera
    rows = np.flatnonzero(inside.any(axis=1))
    away = _elongation(
        inside[rows].sum(axis=1) * distance[rows] / focal,
        ~(inside[rows, 0] | inside[rows, -1]),
        float(distance[rows[0]] - distance[rows[-1]]),
    )
    columns = np.flatnonzero(inside.any(axis=0))
    top = inside[:, columns].argmax(axis=0)
    foot = height - 1 - inside[::-1, columns].argmax(axis=0)
    middle = float(np.median(distance[(top + foot) // 2]))
    across = _elongation(
        distance[top] - distance[foot], (top > 0) & (foot < height - 1),
        (columns[-1] - columns[0]) * middle / focal,
    )  # fmt: skip
    least, most = RIVER_LENGTH
    return float(np.clip((max(away, across) - least) / (most - least), 0.0, 1.0))


def _elongation(widths: NDArray[np.floating], known: NDArray[np.bool_], length: float) -> float:
    """Return length over width, 0 if the width is seen along too little of the length."""
    if known.mean() < SEEN_BANKS:
        return 0.0
    return length / max(float(np.median(widths[known])), 1e-6)


def across_bed(inside: Mask, horizon_row: float) -> Float32Array:
    """Return [H, W]: the speed of a river's surface as a share of that in its middle.

    A bed holds its water back: the profile of the speed across it is a parabola, zero at the banks
    (that of steady flow between two walls). What is a bank or none is uncertain there as well. The
    picture's edges are no banks; the width is taken from what is seen of it, on the water's plane.

    Args:
        inside: [H, W] where the water is.
        horizon_row: Row of the horizon in pixels.
    """
    if inside.all() or not inside.any():
        return np.ones(inside.shape, np.float32)
    height = len(inside)
    bank = cv2.distanceTransform(inside.astype(np.uint8), cv2.DIST_L2, 5)
    below = np.maximum(np.arange(height) + 0.5 - horizon_row, 0.01 * height)
    metres = bank / below[:, None]
    # Distances from a straight bank are spread evenly up to the middle.
    middle = float(np.quantile(metres[inside], _MIDDLE)) / _MIDDLE
    share = np.clip(metres / max(middle, 1e-9), 0.0, 1.0)
    return np.asarray(1.0 - (1.0 - share) ** 2, dtype=np.float32)


def bed_direction(inside: Mask) -> Float32Array:
    """Return the unit direction [H, W, 2] of water that runs from its far end out of the picture.

    Args:
        inside: [H, W] bool, where the water is.
    """
    height, width = inside.shape
    potential = _potential(inside.astype(np.float32), *ends(inside))
    small = potential.shape
    water = resize(inside.astype(np.float32), small[1], small[0]) > 0.2
    slope = np.stack((_slope(potential, water, 1), _slope(potential, water, 0)), axis=-1)
    slope *= np.array([small[1] / width, small[0] / height], dtype=np.float32)
    steep = np.linalg.norm(slope, axis=-1, keepdims=True)
    unit = slope / np.maximum(steep, 1e-9) * water[..., None]
    weight = cv2.GaussianBlur((water & (steep[..., 0] > 1e-9)).astype(np.float32), (0, 0), 1.5)
    smooth = cv2.GaussianBlur(unit, (0, 0), 1.5) / np.maximum(weight, 1e-3)[..., None]
    # No slope is known beyond the blur's reach; water there runs straight down.
    smooth[weight < 1e-3] = (0.0, 1.0)
    full = resize(smooth, width, height)
    length = np.linalg.norm(full, axis=-1, keepdims=True)
    return np.asarray(full / np.maximum(length, 1e-6), dtype=np.float32)


def ends(inside: Mask) -> tuple[Mask, Mask]:
    """Return where water [H, W] comes from and where it goes to.

    It goes out of the picture where it touches the edge, if it does; it comes from its far end.
    Where it crosses the picture from side to side, the side on which it is nearer to the viewer,
    which is lower in the picture, is taken to be downstream, as anywhere else.
    """
    height, width = inside.shape
    rows = np.flatnonzero(inside.any(axis=1))
    top, foot = rows[0], rows[-1] + 1
    level = np.arange(height)[:, None]
    tall = max(1.0, _END * (foot - top))
    first, last = inside & (level < top + tall), inside & (level >= foot - tall)
    sides = [np.zeros_like(inside) for _ in range(2)]
    deep = max(1, round(_END * width))
    sides[0][:, :deep], sides[1][:, -deep:] = inside[:, :deep], inside[:, -deep:]
    touches = [bool(inside[:, column].any()) for column in (0, -1)]
    if all(touches) and not inside[-1].any():
        middles = [float(np.nonzero(side)[0].mean()) for side in sides]
        return (sides[0], sides[1]) if middles[0] <= middles[1] else (sides[1], sides[0])
    for side, touching in zip(sides, touches, strict=True):
        if touching and not inside[-1].any():
            last = side
    return first & ~last, last


def _potential(inside: Float32Array, source: Mask, sink: Mask) -> Float32Array:
    """Solve Laplace's equation from coarse to fine; the result is at most 96 pixels long."""
    height, width = inside.shape
    potential = np.full((height, width), 0.5, np.float32)
    for longest in _LEVELS:
        scale = min(1.0, longest / max(height, width))
        size = (max(2, round(width * scale)), max(2, round(height * scale)))
        potential = resize(potential, *size)
        water = resize(inside, *size) > 0.2
        held = [resize(end.astype(np.float32), *size) > 0.2 for end in (source, sink)]
        potential = _relax(potential, water, *held)
    return potential


def _relax(potential: Float32Array, water: Mask, source: Mask, sink: Mask) -> Float32Array:
    """Sweep towards the mean of the neighbours in the water, ends held at 0 and 1."""
    potential = np.where(source, 0.0, np.where(sink, 1.0, potential)).astype(np.float32)
    free = water & ~source & ~sink
    padded_water = np.pad(water, 1).astype(np.float32)
    count = np.maximum(_neighbours(padded_water), 1.0)
    for _ in range(_SWEEPS):
        mean = _neighbours(np.pad(potential, 1) * padded_water) / count
        potential = np.where(free, mean, potential)
    return np.asarray(potential, dtype=np.float32)


def _neighbours(padded: Float32Array) -> Float32Array:
    return padded[:-2, 1:-1] + padded[2:, 1:-1] + padded[1:-1, :-2] + padded[1:-1, 2:]


def _slope(potential: Float32Array, water: NDArray[np.bool_], axis: int) -> Float32Array:
    """Mean of the one-sided differences along ``axis`` that stay in the water."""
    step = np.diff(potential, axis=axis)
    both = np.take(water, range(1, water.shape[axis]), axis) & np.take(
        water, range(water.shape[axis] - 1), axis
    )
    before, after = [(0, 0), (0, 0)], [(0, 0), (0, 0)]
    before[axis], after[axis] = (1, 0), (0, 1)
    step = step * both
    total = np.pad(step, before) + np.pad(step, after)
    count = np.pad(both.astype(np.float32), before) + np.pad(both.astype(np.float32), after)
    return np.asarray(total / np.maximum(count, 1.0), dtype=np.float32)
