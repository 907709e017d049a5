"""Ground and water beyond the frame: floors at the height they have at the border.

The line between two of them, such as a river's bank, goes on straight in the world.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from livescape.imaging.morphology import nearest_values
from livescape.points.floor import Floor
from livescape.points.kinds import (
    MOVING_FLOOR,
    NONE,
    OPEN,
    STANDING,
    STILL_FLOOR,
    Kinds,
    Surroundings,
)
from livescape.points.margins import Margins, grown_camera
from livescape.points.shorelines import (
    Border,
    Shoreline,
    entering,
    nearest_below,
    past_lines,
    shorelines,
    walk_below,
)
from livescape_shared.camera import Camera

Float32Image = NDArray[np.float32]

EVEN = 0.03
"""Share of the long side over which the height of a floor is averaged along the border."""

FOOT = 3
"""Rows by which what stands at the border goes on at least. Nothing tells that its foot is just
there, and water that came out from under it at the border would cover the last row of it."""

BEFORE_FLOOR = 1.01
"""By how much nearer it is there than the floor under it."""


def with_floors(
    around: Surroundings,
    kinds: Kinds,
    depth: Float32Image,
    floor: Floor,
    camera: Camera,
    margins: Margins,
) -> Surroundings:
    """Let the floors at the border go on beyond it, each up to the line where the next begins."""
    grid = grown_camera(camera, margins)
    outside = np.ones(around.kinds.shape, dtype=bool)
    outside[margins.photo(outside.shape)] = False
    level = floor.on_grid(grid)
    farthest = 1.0 / float(depth.max())
    outside &= level > farthest
    outside[: margins.top] = False  # no floor hangs above the frame
    rows, columns = np.nonzero(outside)
    pixels = np.column_stack([columns, rows]) - margins.corner
    border = walk_below(kinds.shape)
    of_border = kinds[border.rows, border.columns]
    lines = shorelines(kinds, border, (STILL_FLOOR, MOVING_FLOOR), max(kinds.shape))
    nearest = nearest_below(kinds.shape, pixels)
    base = past_lines(pixels, nearest, border, lines)
    height = _raised(kinds, depth, floor, camera, border)
    # What stands at the border goes on down to its foot; below it is the floor beside it.
    foot = _nearest_floor(kinds, border)[base]
    on_floor = level[rows, columns] * height[foot]
    above = level[np.maximum(rows - FOOT, 0), columns] * height[foot]
    reached = above > 1.0 / around.depth[rows, columns]
    open_below = (around.kinds[rows, columns] == OPEN) & (of_border[nearest] != OPEN)
    reached |= around.kinds[rows, columns] >= STILL_FLOOR
    beside = (of_border[base] == STANDING) & reached | open_below | (base != nearest)
    base = np.where(beside, foot, base)
    found = of_border[base]
    mirror = around.source[rows, columns]
    of_mirror = np.where(mirror >= 0, kinds.ravel()[mirror], OPEN)
    sunk = (found == STANDING) & (of_border[foot] >= STILL_FLOOR)
    sunk &= on_floor * around.depth[rows, columns] > 1.0
    foot_rows, foot_columns = rows[sunk], columns[sunk]
    foot_depth = 1.0 / (BEFORE_FLOOR * on_floor[sunk])
    flat = (found >= STILL_FLOOR) & (of_mirror != STANDING)
    base = _along_lines(pixels, base, of_border, kinds.shape, floor, camera, lines)
    rows, columns, base, found = rows[flat], columns[flat], base[flat], found[flat]
    new = around.copy()
    new.depth[foot_rows, foot_columns] = foot_depth
    new.kinds[rows, columns] = found
    raised = np.ones_like(level)
    raised[margins.photo(level.shape)] = 1.0 / (depth * level[margins.photo(level.shape)])
    raised[rows, columns] = height[base]
    even = _even_height(raised, new.kinds)[rows, columns]
    new.depth[rows, columns] = 1.0 / np.maximum(level[rows, columns] * even, farthest)
    new.moving[rows, columns] = (found == MOVING_FLOOR).astype(np.float32)
    new.source[rows, columns] = np.where(of_mirror[flat] == found, mirror[flat], NONE)
    return new


def _along_lines(
    pixels: NDArray[np.integer],
    base: NDArray[np.intp],
    of_border: Kinds,
    shape: tuple[int, int],
    floor: Floor,
    camera: Camera,
    lines: list[Shoreline],
) -> NDArray[np.intp]:
    """Return the border pixel [N] whose height each of ``pixels`` [N, 2] has.

    A bank keeps its profile along its line: in the picture, towards where the line vanishes.
    Otherwise the height is that of its ``base``.
    """
    if not lines:
        return base
    positions = pixels.astype(np.float64) + 0.5
    apart = np.stack([line.distance(positions) for line in lines])
    own = apart.argmin(axis=0)
    result = base.copy()
    for number, line in enumerate(lines):
        chosen = np.flatnonzero(own == number)
        vanishing = floor.vanishing_point(line.start, line.direction, camera)
        if vanishing is None:
            continue
        entry, enters = entering(positions[chosen], vanishing, shape)
        found = nearest_below(shape, np.floor(entry[enters]).astype(np.intp), inside=True)
        kept = chosen[enters]
        same = of_border[found] == of_border[base[kept]]
        result[kept[same]] = found[same]
    return result


def _even_height(raised: NDArray[np.float64], kinds: Kinds) -> NDArray[np.float64]:
    """Return the height of floors [H, W] without steps: each is averaged over its own kind."""
    size = max(3, round(EVEN * max(kinds.shape)) | 1)
    result = raised.copy()
    for each in (STILL_FLOOR, MOVING_FLOOR):
        own = kinds == each
        total = cv2.blur(np.where(own, raised, 0.0), (size, size))
        weight = cv2.blur(own.astype(np.float64), (size, size))
        result[own] = (total / np.maximum(weight, 1e-9))[own]
    return result


def _raised(
    kinds: Kinds, depth: Float32Image, floor: Floor, camera: Camera, border: Border
) -> NDArray[np.float64]:
    """Return the disparity of each border pixel in units of the floor's, evened out along it.

    A surface parallel to the floor has the same everywhere.
    """
    level = np.maximum(floor.on_grid(camera)[border.rows, border.columns], 1e-9)
    ratio = 1.0 / (depth[border.rows, border.columns] * level)
    kind = kinds[border.rows, border.columns]
    size = max(3, round(EVEN * max(depth.shape)) | 1)
    evened = ratio.copy()
    for each in (STILL_FLOOR, MOVING_FLOOR):
        own = kind == each
        sums, weight = _averaged(np.where(own, ratio, 0.0), size), _averaged(own * 1.0, size)
        evened[own] = (sums / np.maximum(weight, 1e-9))[own]
    return np.asarray(evened, dtype=np.float64)


def _nearest_floor(kinds: Kinds, border: Border) -> NDArray[np.intp]:
    """Return for every border pixel the index of the nearest one that shows a floor, or its own.

    Of what stands between two floors, each part belongs to the one that is nearer in the picture,
    as for the line between them.
    """
    indices = np.arange(len(border.rows))
    is_floor = kinds >= STILL_FLOOR
    if not is_floor[border.rows, border.columns].any():
        return indices
    belongs = nearest_values(kinds.astype(np.float32), is_floor)[1][border.rows, border.columns]
    nearest = _nearest_of(np.flatnonzero(is_floor[border.rows, border.columns]), indices)
    for kind in (STILL_FLOOR, MOVING_FLOOR):
        own = np.flatnonzero(kinds[border.rows, border.columns] == kind)
        if len(own):
            nearest = np.where(belongs == kind, _nearest_of(own, indices), nearest)
    return nearest


def _nearest_of(chosen: NDArray[np.intp], indices: NDArray[np.intp]) -> NDArray[np.intp]:
    """Return the nearest of ``chosen`` [K] to each of ``indices`` [N]."""
    after = np.clip(np.searchsorted(chosen, indices), 0, len(chosen) - 1)
    before = np.maximum(after - 1, 0)
    nearer = np.abs(chosen[before] - indices) < np.abs(chosen[after] - indices)
    return np.asarray(np.where(nearer, chosen[before], chosen[after]))


def _averaged(values: NDArray[np.float64], size: int) -> NDArray[np.float64]:
    blurred = cv2.blur(values[None], (size, 1), borderType=cv2.BORDER_REPLICATE)
    return np.asarray(blurred[0], dtype=np.float64)
