"""Plane geometry of strokes: ways, areas, what lies in what."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Float64Array = NDArray[np.float64]


def length(points: Float64Array) -> float:
    """Return the length of a way through points [n, 2]."""
    return float(np.linalg.norm(np.diff(points, axis=0), axis=1).sum())


def along(points: Float64Array, spacing: float, most: int) -> tuple[Float64Array, Float64Array]:
    """Return places [k, 2] along a way and where it leads there [k, 2], as unit vectors.

    Args:
        points: [n, 2], of a length above zero.
        spacing: How far apart the places are at least.
        most: Most places.
    """
    steps = np.linalg.norm(np.diff(points, axis=0), axis=1)
    keep = np.concatenate([[True], steps > 0])
    points, steps = points[keep], steps[steps > 0]
    at = np.concatenate([[0.0], np.cumsum(steps)])
    count = int(np.clip(at[-1] / spacing, 1, most))
    marks = np.linspace(0.0, at[-1], count + 1)
    ends = np.column_stack([np.interp(marks, at, points[:, axis]) for axis in (0, 1)])
    middles = np.column_stack(
        [np.interp((marks[:-1] + marks[1:]) / 2, at, points[:, axis]) for axis in (0, 1)]
    )
    drags = np.diff(ends, axis=0)
    lengths = np.linalg.norm(drags, axis=1, keepdims=True)
    leads = lengths[:, 0] > 1e-12
    return middles[leads], drags[leads] / lengths[leads]


def area(corners: Float64Array) -> float:
    """Return the area that an outline [n, 2] encloses."""
    x, y = corners.T
    return float(abs(np.dot(x, np.roll(y, -1)) - np.dot(y, np.roll(x, -1))) / 2.0)


def inside(corners: Float64Array, points: Float64Array) -> NDArray[np.bool_]:
    """Return which points [n, 2] an outline [k, 2] encloses, by the even-odd rule."""
    if len(corners) < 3:
        return np.zeros(len(points), bool)
    one, other = corners[None], np.roll(corners, -1, axis=0)[None]
    x, y = points[:, None, 0], points[:, None, 1]
    spans = (one[..., 1] > y) != (other[..., 1] > y)
    with np.errstate(divide="ignore", invalid="ignore"):
        share = (y - one[..., 1]) / (other[..., 1] - one[..., 1])
        crosses = spans & (x < one[..., 0] + share * (other[..., 0] - one[..., 0]))
    return np.asarray(crosses.sum(axis=1) % 2 == 1)


def filled(corners: Float64Array, width: int, height: int) -> NDArray[np.bool_]:
    """Return the pixels [height, width] whose middles an outline [n, 2] encloses, as above."""
    crossed = np.zeros((height, width + 1), np.int32)
    for (x0, y0), (x1, y1) in zip(np.roll(corners, 1, axis=0), corners, strict=True):
        first, last = (int(np.clip(np.ceil(y - 0.5), 0, height)) for y in sorted((y0, y1)))
        rows = np.arange(first, last)
        if len(rows):
            x = x0 + (rows + 0.5 - y0) / (y1 - y0) * (x1 - x0)
            crossed[rows, np.clip(np.ceil(x - 0.5), 0, width).astype(np.intp)] += 1
    return np.asarray(np.cumsum(crossed, axis=1)[:, :width] % 2 == 1)


def within(corners: Float64Array, width: float, height: float) -> Float64Array:
    """Return the part of an outline [n, 2] that lies in a picture, as an outline."""
    for axis, limit, sign in ((0, 0.0, 1), (0, width, -1), (1, 0.0, 1), (1, height, -1)):
        if not len(corners):
            break
        depth = sign * (corners[:, axis] - limit)
        kept = []
        for index in range(len(corners)):
            one, other = corners[index - 1], corners[index]
            before, now = depth[index - 1], depth[index]
            if (before >= 0) != (now >= 0):
                kept.append(one + (other - one) * before / (before - now))
            if now >= 0:
                kept.append(other)
        corners = np.array(kept, dtype=np.float64).reshape(-1, 2)
    return corners


def places_in(corners: Float64Array, most: int) -> Float64Array:
    """Return up to ``most`` places [k, 2] spread over what an outline encloses."""
    low, high = corners.min(axis=0), corners.max(axis=0)
    for side in (5, 15, 45):
        shares = (np.arange(side) + 0.5) / side
        grid = np.stack(np.meshgrid(shares, shares), axis=-1).reshape(-1, 2)
        found = low + grid * (high - low)
        found = found[inside(corners, found)]
        if len(found):
            return np.asarray(
                found[np.linspace(0, len(found) - 1, min(most, len(found))).astype(int)]
            )
    return np.asarray(corners.mean(axis=0, keepdims=True))


def simplified(points: Float64Array, tolerance: float) -> Float64Array:
    """Return the points [k, 2] of a way [n, 2] that show it within ``tolerance`` (Douglas-Peucker).

    Args:
        points: At least one.
        tolerance: How far what is left out may be off.
    """
    keep = np.zeros(len(points), bool)
    keep[[0, -1]] = True
    open_spans = [(0, len(points) - 1)]
    while open_spans:
        first, last = open_spans.pop()
        if last - first < 2:
            continue
        way, between = points[last] - points[first], points[first + 1 : last] - points[first]
        reach = float(way @ way)
        share = np.clip(between @ way / reach, 0.0, 1.0) if reach > 0 else np.zeros(len(between))
        off = np.linalg.norm(between - share[:, None] * way, axis=1)
        farthest = int(off.argmax())
        if off[farthest] > tolerance:
            middle = first + 1 + farthest
            keep[middle] = True
            open_spans += [(first, middle), (middle, last)]
    return np.asarray(points[keep])
