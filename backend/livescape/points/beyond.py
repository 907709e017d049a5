"""What lies beyond the frame: which kind of surface, how far away, and whether it moves.

Floors go on as floors: at the height they have at the border, and the line between two of them,
such as a river's bank, goes on straight in the world. Beside the frame what stands goes on as its
mirror image, a tree that the frame cuts as its other half; above the frame its silhouette goes on.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from livescape.imaging.morphology import touching
from livescape.points.floor import Floor, lies_flat, whole_patches
from livescape.points.margins import Margins, grown_camera
from livescape.points.shorelines import (
    nearest_below,
    past_lines,
    shorelines,
    walk_above,
    walk_below,
)
from livescape_shared.camera import Camera

Float32Image = NDArray[np.float32]
Mask = NDArray[np.bool_]
Kinds = NDArray[np.uint8]

OPEN: Final = 0
STANDING: Final = 1
STILL_FLOOR: Final = 2
MOVING_FLOOR: Final = 3
"""Kinds: sky, what stands or is no floor, ground, water."""

EVEN = 0.03
"""Share of the long side over which the height of a floor is averaged along the border."""


@dataclass(frozen=True)
class Surroundings:
    """The photo and what surrounds it, on the grown grid.

    Attributes:
        kinds: [H, W] what each pixel shows.
        depth: [H, W] metres.
        moving: [H, W] 0..1.
        mirrored: [H, W] bool, invented pixels that show a mirror image of the photo.
    """

    kinds: Kinds
    depth: Float32Image
    moving: Float32Image
    mirrored: Mask

    @property
    def sky(self) -> Mask:
        """[H, W] where there is sky."""
        return self.kinds == OPEN


def kinds_of(
    depth: Float32Image, sky: Mask, moving: Float32Image, floor: Floor | None, camera: Camera
) -> Kinds:
    """Return the kind [H, W] of what the photo shows at each pixel."""
    kinds = np.where(sky, OPEN, STANDING).astype(np.uint8)
    if floor is not None:
        flat = lies_flat(depth, sky, floor, camera)
        kinds[whole_patches(flat & (moving <= 0.5))] = STILL_FLOOR
        kinds[whole_patches(flat & (moving > 0.5))] = MOVING_FLOOR
    return kinds


def surroundings(
    depth: Float32Image,
    sky: Mask,
    moving: Float32Image,
    floor: Floor | None,
    camera: Camera,
    margins: Margins,
) -> Surroundings:
    """Continue the photo's surfaces over the grown grid.

    Args:
        depth: [H, W] metres.
        sky: [H, W].
        moving: [H, W] 0..1.
        floor: The plane on which the scene stands, if it has one.
        camera: The photo camera.
        margins: How far the grid goes on.
    """
    kinds = kinds_of(depth, sky, moving, floor, camera)
    around = _above(_mirrored(kinds, depth, moving, floor, margins), kinds, margins)
    if floor is None:
        return around
    return _with_floors(around, kinds, depth, floor, camera, margins)


def _mirrored(
    kinds: Kinds,
    depth: Float32Image,
    moving: Float32Image,
    floor: Floor | None,
    margins: Margins,
) -> Surroundings:
    """Mirror the photo at its sides; above and below, go on with its edge or as a plane does."""
    upright = (margins.rows, (0, 0))
    rows, columns = margins.photo((len(depth), depth.shape[1] + sum(margins.columns)))
    farthest = 1.0 / float(depth.max())
    clear = _standing_clear(kinds)

    def sideways(values: NDArray[np.generic], instead: float) -> NDArray[np.generic]:
        """Mirror, without what stands clear of the border: there is not a second one of it."""
        grown = np.pad(
            np.where(clear, instead, values), ((0, 0), margins.columns), mode="symmetric"
        )
        grown[:, columns] = values
        return grown

    def grown(values: NDArray[np.generic], instead: float) -> NDArray[np.generic]:
        return np.pad(sideways(values, instead), upright, mode="edge")

    disparity = sideways(1.0 / depth, farthest)
    disparity = np.pad(disparity, ((margins.top, 0), (0, 0)), mode="edge")
    if floor is None:
        disparity = _sloping_on(disparity, margins.bottom, len(depth))
    else:
        disparity = np.pad(disparity, ((0, margins.bottom), (0, 0)), mode="edge")
    limit = 1.5 * float(1.0 / depth.min())
    disparity = np.clip(disparity, farthest, limit)
    mirrored = np.zeros(disparity.shape, dtype=bool)
    rows, columns = margins.photo(disparity.shape)
    mirrored[rows] = True
    mirrored[rows, columns] = False
    return Surroundings(
        np.asarray(grown(kinds, OPEN), dtype=np.uint8),
        (1.0 / disparity).astype(np.float32),
        np.asarray(grown(moving, 0.0), dtype=np.float32),
        mirrored,
    )


def _standing_clear(kinds: Kinds) -> Mask:
    """Return what stands in the photo [H, W] and does not reach its sides, if there is sky."""
    standing = kinds == STANDING
    if not (kinds == OPEN).any():
        return np.zeros_like(standing)
    sides = np.zeros_like(standing)
    sides[:, (0, -1)] = True
    return standing & ~touching(standing, sides)


def _above(around: Surroundings, kinds: Kinds, margins: Margins) -> Surroundings:
    """Let silhouettes go on straight above the frame: a crown closes, a tower rises on."""
    border = walk_above(kinds.shape)
    lines = shorelines(kinds, border, (OPEN, STANDING))
    if not lines:
        return around
    width = kinds.shape[1]
    rows, columns = np.indices((margins.top, width)).reshape(2, -1)
    pixels = np.column_stack([columns, rows - margins.top])
    base = past_lines(pixels, width - 1 - columns, border, lines)
    at = slice(0, margins.top), slice(margins.left, margins.left + width)
    source = margins.top, margins.left + border.columns[base]
    new = replace(around, kinds=around.kinds.copy(), depth=around.depth.copy(),
                  moving=around.moving.copy())  # fmt: skip
    for values in (new.kinds, new.depth, new.moving):
        values[at] = values[source].reshape(margins.top, width)
    return new


def _sloping_on(disparity: Float32Image, below: int, rows: int) -> Float32Image:
    """Continue disparity linearly below the frame, which continues a plane."""
    reach = min(below, rows - 1)
    sloped = np.pad(disparity, ((0, reach), (0, 0)), mode="reflect", reflect_type="odd")
    return np.pad(sloped, ((0, below - reach), (0, 0)), mode="edge")


def _with_floors(
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
    rows, columns = np.nonzero(outside)
    pixels = np.column_stack([columns, rows]) - margins.corner
    border = walk_below(kinds.shape)
    of_border = kinds[border.rows, border.columns]
    lines = shorelines(kinds, border, (STILL_FLOOR, MOVING_FLOOR))
    nearest = nearest_below(kinds.shape, pixels)
    base = past_lines(pixels, nearest, border, lines)
    height = _raised(kinds, depth, floor, camera, border.rows, border.columns)
    # What stands at the border goes on down to its foot; below it is the floor beside it.
    foot = _nearest_floor(of_border)[base]
    reached = level[rows, columns] * height[foot] > 1.0 / around.depth[rows, columns]
    open_below = around.kinds[rows, columns] == OPEN
    beside = (of_border[base] == STANDING) & reached | open_below | (base != nearest)
    base = np.where(beside, foot, base)
    found = of_border[base]
    # What stands beside the frame is the photo's mirror image.
    stands = (around.kinds[rows, columns] == STANDING) & around.mirrored[rows, columns]
    flat = (found >= STILL_FLOOR) & ~stands
    rows, columns, base, found = rows[flat], columns[flat], base[flat], found[flat]
    new = replace(around, kinds=around.kinds.copy(), depth=around.depth.copy(),
                  moving=around.moving.copy(), mirrored=around.mirrored.copy())  # fmt: skip
    new.kinds[rows, columns] = found
    new.depth[rows, columns] = 1.0 / np.maximum(level[rows, columns] * height[base], farthest)
    new.moving[rows, columns] = (found == MOVING_FLOOR).astype(np.float32)
    new.mirrored[rows, columns] = False
    return new


def _raised(
    kinds: Kinds,
    depth: Float32Image,
    floor: Floor,
    camera: Camera,
    rows: NDArray[np.intp],
    columns: NDArray[np.intp],
) -> NDArray[np.float64]:
    """Return the disparity of each border pixel in units of the floor's, evened out along it.

    A surface parallel to the floor has the same everywhere.
    """
    level = np.maximum(floor.on_grid(camera)[rows, columns], 1e-9)
    ratio = 1.0 / (depth[rows, columns] * level)
    kind = kinds[rows, columns]
    size = max(3, round(EVEN * max(depth.shape)) | 1)
    total = np.zeros(len(ratio))
    for each in (STILL_FLOOR, MOVING_FLOOR):
        own = kind == each
        if own.any():
            weight = own.astype(np.float64)
            sums = _averaged(np.where(own, ratio, 0.0), size) / np.maximum(
                _averaged(weight, size), 1e-9
            )
            total[own] = sums[own]
    return np.where(kind >= STILL_FLOOR, total, ratio)


def _nearest_floor(of_border: Kinds) -> NDArray[np.intp]:
    """Return for every border pixel the index of the nearest one that shows a floor, or its own."""
    indices = np.arange(len(of_border))
    floors = np.flatnonzero(of_border >= STILL_FLOOR)
    if not len(floors):
        return indices
    after = np.clip(np.searchsorted(floors, indices), 0, len(floors) - 1)
    before = np.maximum(after - 1, 0)
    nearer = np.abs(floors[before] - indices) < np.abs(floors[after] - indices)
    return np.asarray(np.where(nearer, floors[before], floors[after]))


def _averaged(values: NDArray[np.float64], size: int) -> NDArray[np.float64]:
    return np.asarray(cv2.blur(values[None], (size, 1), borderType=cv2.BORDER_REPLICATE))[0]
