"""Where the line between two surfaces leaves the photo, and which way: banks and silhouettes."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from livescape.imaging.morphology import nearest_values

Float64Array = NDArray[np.float64]
Indices = NDArray[np.intp]

FOLLOWED = (0.12, 0.08, 0.05)
"""Shares of the long side along which a line is followed to find its direction: the longest along
which it is straight. Past a corner, such as that of a fall's lip, it says nothing of how it leaves.
"""

STRAIGHT = 0.12
"""Sine of the mean angle to its direction up to which a line is straight."""

NEAR_SHARE = 0.3
"""Share of that next to the border which says nothing yet about the direction."""

OUTWARD = 0.15
"""Least sine of the angle between a line that leaves the photo and the border."""

SPECK = 0.015
"""Share of the long side below which a stretch of the border is part of its neighbours."""


@dataclass(frozen=True)
class Border:
    """Part of the photo's border, in one walk.

    Attributes:
        rows: [B] row of each pixel.
        columns: [B] column.
        outward: [B, 2] unit vector to the outside.
    """

    rows: Indices
    columns: Indices
    outward: Float64Array

    @property
    def position(self) -> Float64Array:
        """[B, 2] centres in pixels."""
        return np.column_stack([self.columns, self.rows]).astype(np.float64) + 0.5


@dataclass(frozen=True)
class Shoreline:
    """A line that leaves the photo.

    Attributes:
        start: [2] pixel where it does.
        direction: [2] unit vector outward.
        before: Border pixel on its one side, in the order of the border.
        after: Border pixel on its other side.
    """

    start: Float64Array
    direction: Float64Array
    before: int
    after: int

    def distance(self, positions: Float64Array) -> Float64Array:
        """Return the distance [N] in pixels of positions [N, 2]."""
        away = positions - self.start
        across = self.direction[0] * away[:, 1] - self.direction[1] * away[:, 0]
        return np.asarray(np.abs(across), dtype=np.float64)


def walk_below(shape: tuple[int, int]) -> Border:
    """Return the border of a photo of ``shape`` down its left, along its bottom, up its right."""
    height, width = shape
    down, along = np.arange(height), np.arange(width)
    rows = np.concatenate([down, np.full(width, height - 1), down[::-1]])
    columns = np.concatenate([np.zeros(height, int), along, np.full(height, width - 1)])
    outward = np.repeat([(-1.0, 0.0), (0.0, 1.0), (1.0, 0.0)], (height, width, height), axis=0)
    return Border(rows, columns, outward)


def nearest_below(
    shape: tuple[int, int], pixels: NDArray[np.integer], *, inside: bool = False
) -> Indices:
    """Return the index [N] on :func:`walk_below` nearest to pixels [N, 2] outside the photo.

    Args:
        shape: Rows and columns of the photo.
        pixels: Columns and rows.
        inside: They lie on the border itself.
    """
    height, width = shape
    column = np.clip(pixels[:, 0], 0, width - 1)
    row = np.clip(pixels[:, 1], 0, height - 1)
    edge = int(inside)
    left, right = pixels[:, 0] < edge, pixels[:, 0] >= width - edge
    if inside:
        bottom = pixels[:, 1] >= height - edge
        left, right = left & ~bottom, right & ~bottom
    beside = np.where(left, row, height + width + (height - 1 - row))
    return np.asarray(np.where(left | right, beside, height + column), dtype=np.intp)


def entering(
    positions: Float64Array, target: Float64Array, shape: tuple[int, int]
) -> tuple[Float64Array, NDArray[np.bool_]]:
    """Return where the way from ``positions`` [N, 2] to ``target`` [2] enters the photo.

    Returns:
        Positions [N, 2] on its border, and whether [N] the way meets the photo at all.
    """
    way = target - positions
    size = np.array(shape[::-1], dtype=np.float64)
    with np.errstate(divide="ignore", invalid="ignore"):
        ends = np.sort(np.stack([-positions / way, (size - positions) / way]), axis=0)
    first, last = np.nanmax(ends[0], axis=1), np.nanmin(ends[1], axis=1)
    meets = (first >= 0.0) & (first <= 1.0) & (first <= last)
    entry = positions + np.where(meets, first, 0.0)[:, None] * way
    return np.clip(entry, 0.0, size - 1e-6), meets


def walk_above(shape: tuple[int, int]) -> Border:
    """Return the top border of a photo of ``shape``, from right to left."""
    columns = np.arange(shape[1])[::-1]
    outward = np.tile((0.0, -1.0), (len(columns), 1))
    return Border(np.zeros_like(columns), columns, outward)


def shorelines(
    kinds: NDArray[np.uint8], border: Border, met: Collection[int], long_side: int
) -> list[Shoreline]:
    """Return the lines between two different kinds that leave the photo at its border.

    Args:
        kinds: [H, W].
        border: Of that photo, or part of it.
        met: The kinds between which lines are sought.
        long_side: Of the photo.
    """
    of_these = np.isin(kinds, list(met))
    if not of_these.any():
        return []
    # What stands on a bank does not cut its line: every pixel counts for the nearest of the two.
    _, nearest = nearest_values(kinds.astype(np.float32), of_these)
    parted = nearest.astype(np.uint8)
    along = parted[border.rows, border.columns]
    runs = _runs(along, max(1, round(SPECK * long_side)))
    found = []
    for (_, before), (after, _) in pairwise(runs):
        pair = int(along[before]), int(along[after])
        if pair[0] == pair[1]:
            continue
        start = 0.5 * (border.position[before] + border.position[after])
        outward = border.outward[(before + after) // 2]
        direction = _direction(parted, pair, start, outward, long_side)
        found.append(Shoreline(start, direction, before, after))
    return found


def outlines(near: Float64Array, border: Border, ratio: float, long_side: int) -> list[Shoreline]:
    """Return the outlines of what stands before something else, where they leave the photo.

    Args:
        near: [H, W] disparity.
        border: Of that photo, or part of it.
        ratio: Of two disparities from which one surface stands before the other.
        long_side: Of the photo.
    """
    along = near[border.rows, border.columns]
    step = np.abs(np.log(np.maximum(along[1:], 1e-9) / np.maximum(along[:-1], 1e-9)))
    found = []
    for before in np.flatnonzero(step > np.log(ratio)):
        level = np.sqrt(along[before] * along[before + 1])
        parted = (near > level).astype(np.uint8)
        pair = int(parted[border.rows[before], border.columns[before]])
        start = 0.5 * (border.position[before] + border.position[before + 1])
        direction = _direction(parted, (pair, 1 - pair), start, border.outward[before], long_side)
        found.append(Shoreline(start, direction, int(before), int(before) + 1))
    return found


def past_lines(
    pixels: NDArray[np.integer], base: Indices, border: Border, lines: list[Shoreline]
) -> Indices:
    """Return the border pixel [N] whose surface each of ``pixels`` [N, 2] continues.

    That is its ``base`` [N], unless a line passes between: then the pixel at its far side.
    """
    start, end = border.position[base], pixels + 0.5
    across = end - start
    last = np.zeros(len(pixels))
    chosen = base.copy()
    for line in lines:
        # start + s across = line.start + t line.direction
        direction, apart = line.direction, line.start - start
        turn = across[:, 0] * direction[1] - across[:, 1] * direction[0]
        with np.errstate(divide="ignore", invalid="ignore"):
            s = (apart[:, 0] * direction[1] - apart[:, 1] * direction[0]) / turn
            t = (apart[:, 0] * across[:, 1] - apart[:, 1] * across[:, 0]) / turn
        crossed = (t >= 0.0) & (s >= last) & (s <= 1.0)
        away = end - line.start
        side = direction[0] * away[:, 1] - direction[1] * away[:, 0]
        chosen[crossed] = np.where(side[crossed] < 0.0, line.after, line.before)
        last[crossed] = s[crossed]
    return chosen


def _runs(along: NDArray[np.uint8], least: int) -> list[tuple[int, int]]:
    """Return first and last of each stretch of one kind that is at least ``least`` long."""
    cuts = np.flatnonzero(np.diff(along)) + 1
    firsts = np.concatenate([[0], cuts])
    lasts = np.concatenate([cuts, [len(along)]]) - 1
    long = lasts - firsts + 1 >= least
    return [(int(a), int(b)) for a, b in zip(firsts[long], lasts[long], strict=True)]


def _direction(
    kinds: NDArray[np.uint8],
    pair: tuple[int, int],
    start: Float64Array,
    outward: Float64Array,
    long_side: int,
) -> Float64Array:
    """Return which way the line between two kinds runs where it leaves the photo."""
    edge = _edges(kinds, pair) - start
    distance = np.linalg.norm(edge, axis=1)
    direction = outward
    for share in FOLLOWED:
        reach = share * long_side
        chosen = (distance < reach) & (distance > NEAR_SHARE * reach)
        if not chosen.any():
            continue
        ways = -edge[chosen] / distance[chosen, None]
        direction = _leaving(ways.mean(axis=0), outward)
        aside = direction[0] * ways[:, 1] - direction[1] * ways[:, 0]
        if np.abs(aside).mean() < STRAIGHT:
            break
    return direction


def _leaving(mean: Float64Array, outward: Float64Array) -> Float64Array:
    """Return the unit vector along ``mean`` [2], which leads out of the photo."""
    out = float(mean @ outward)
    level = np.array([-outward[1], outward[0]])
    aside = float(mean @ level)
    out = max(out, OUTWARD * max(abs(aside), 1e-9))
    direction = out * outward + aside * level
    return np.asarray(direction / np.linalg.norm(direction))


def _edges(kinds: NDArray[np.uint8], pair: tuple[int, int]) -> Float64Array:
    """Return the positions [N, 2] between neighbours of which one is of each kind."""
    found = []
    for axis in (0, 1):
        ahead = np.take(kinds, range(1, kinds.shape[axis]), axis)
        back = np.take(kinds, range(kinds.shape[axis] - 1), axis)
        met = ((ahead == pair[0]) & (back == pair[1])) | ((ahead == pair[1]) & (back == pair[0]))
        rows, columns = np.nonzero(met)
        place = np.column_stack([columns, rows]) + 0.5
        place[:, 1 - axis] += 0.5
        found.append(place)
    return np.concatenate(found)
