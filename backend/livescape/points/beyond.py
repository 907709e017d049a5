"""What lies beyond the frame: which kind of surface, how far away, and whether it moves.

Floors go on as floors: at the height they have at the border, and the line between two of them,
such as a river's bank, goes on straight in the world. Beside the frame what stands goes on as its
mirror image, a tree that the frame cuts as its other half; above the frame its silhouette goes on.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import cv2
import numpy as np
from numpy.typing import NDArray

from livescape.imaging.morphology import touching
from livescape.points.floor import Floor, lies_flat, whole_patches
from livescape.points.margins import Margins, grown_camera
from livescape.points.shorelines import (
    Border,
    Shoreline,
    entering,
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

STRIP = 0.15
"""Share of the photo's width, at its border, that is mirrored beside it: more would show a second
castle."""

NONE: Final = -1
"""No pixel of the photo."""

SAME_SURFACE = 1.2
"""Ratio of depths up to which two pixels show one surface."""

EVEN = 0.03
"""Share of the long side over which the height of a floor is averaged along the border."""


@dataclass(frozen=True)
class Surroundings:
    """The photo and what surrounds it, on the grown grid.

    Attributes:
        kinds: [H, W] what each pixel shows.
        depth: [H, W] metres.
        moving: [H, W] 0..1.
        source: [H, W] int32, number of the photo's pixel whose colour it has, or -1.
    """

    kinds: Kinds
    depth: Float32Image
    moving: Float32Image
    source: NDArray[np.int32]

    @property
    def sky(self) -> Mask:
        """[H, W] where there is sky."""
        return np.asarray(self.kinds == OPEN)

    def copy(self) -> Surroundings:
        """Return the same in arrays of its own."""
        return Surroundings(*(array.copy() for array in vars(self).values()))


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
    around = _mirrored(kinds, depth, moving, floor, margins)
    around = _above(around, kinds, depth, margins)
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
    columns = slice(margins.left, margins.left + depth.shape[1])
    farthest = 1.0 / float(depth.max())
    strip = max(1, round(STRIP * depth.shape[1]))
    clear, once = _standing_clear(kinds, strip)
    repeated = _repeated(depth.shape[1], margins, strip)
    mirror = _to_and_fro(depth.shape[1], margins, strip)

    def sideways(values: NDArray[Any], instead: float) -> NDArray[Any]:
        """Mirror, without what stands clear of the border: there is not a second one of it."""
        absent = clear[:, mirror] | (once[:, mirror] & repeated)
        grown = np.where(absent, instead, values[:, mirror])
        grown[:, columns] = values
        return grown

    def grown(values: NDArray[Any], instead: float) -> NDArray[Any]:
        return np.pad(sideways(values, instead), (margins.rows, (0, 0)), mode="edge")

    disparity = sideways(1.0 / depth, farthest)
    disparity = np.pad(disparity, ((margins.top, 0), (0, 0)), mode="edge")
    if floor is None:
        disparity = _sloping_on(disparity, margins.bottom, len(depth))
    else:
        disparity = np.pad(disparity, ((0, margins.bottom), (0, 0)), mode="edge")
    limit = 1.5 * float(1.0 / depth.min())
    number = np.arange(depth.size, dtype=np.int32).reshape(depth.shape)
    source = np.pad(sideways(number, NONE), (margins.rows, (0, 0)), constant_values=NONE)
    return Surroundings(
        grown(kinds, OPEN).astype(np.uint8),
        (1.0 / np.clip(disparity, farthest, limit)).astype(np.float32),
        grown(moving, 0.0).astype(np.float32),
        source.astype(np.int32),
    )


def _sloping_on(disparity: Float32Image, below: int, rows: int) -> Float32Image:
    """Continue disparity linearly below the frame, which continues a plane."""
    reach = min(below, rows - 1)
    sloped = np.pad(disparity, ((0, reach), (0, 0)), mode="reflect", reflect_type="odd")
    return np.pad(sloped, ((0, below - reach), (0, 0)), mode="edge")


def _to_and_fro(width: int, margins: Margins, strip: int) -> NDArray[np.intp]:
    """Return for each column of the grown grid the photo's column that it shows.

    Beside the photo those of the strip at its border follow each other, to and fro.
    """
    away = np.arange(max(margins.left, margins.right)) % (2 * strip)
    fold = np.where(away < strip, away, 2 * strip - 1 - away)
    left, right = fold[: margins.left][::-1], width - 1 - fold[: margins.right]
    return np.concatenate([left, np.arange(width), right]).astype(np.intp)


def _repeated(width: int, margins: Margins, strip: int) -> Mask:
    """Return which columns of the grown grid show the strip at the border for another time."""
    column = np.arange(width + sum(margins.columns)) - margins.left
    return np.maximum(-1 - column, column - width) >= strip


def _standing_clear(kinds: Kinds, strip: int) -> tuple[Mask, Mask]:
    """Return what stands in the photo and is not mirrored, and what is so only once, each [H, W].

    Not mirrored is what does not reach the sides, if there is sky to be seen instead. Only what the
    strip at the border shows counts: a tree may reach it, the castle behind it not. What goes
    through the whole strip, such as a ridge, goes on and on.
    """
    standing = kinds == STANDING
    if not (kinds == OPEN).any():
        return np.zeros_like(standing), np.zeros_like(standing)
    sides, beside = np.zeros_like(standing), np.zeros_like(standing)
    inner = np.zeros_like(standing)
    sides[:, (0, -1)] = True
    beside[:, :strip] = beside[:, -strip:] = True
    inner[:, (strip - 1, -strip)] = True
    reaching = touching(standing & beside, sides)
    return standing & ~reaching, standing & ~touching(reaching, inner)


def _above(
    around: Surroundings, kinds: Kinds, depth: Float32Image, margins: Margins
) -> Surroundings:
    """Let silhouettes go on straight above the frame: a crown closes, a tower rises on.

    Their colours are those of the same surface below, to and fro.
    """
    width = kinds.shape[1]
    rows, columns = np.indices((margins.top, width)).reshape(2, -1)
    border = walk_above(kinds.shape)
    lines = shorelines(kinds, border, (OPEN, STANDING))
    pixels = np.column_stack([columns, rows - margins.top])
    base = border.columns[past_lines(pixels, width - 1 - columns, border, lines)]
    at = slice(0, margins.top), slice(margins.left, margins.left + width)
    new = around.copy()
    for values in (new.kinds, new.depth, new.moving):
        values[at] = values[margins.top, margins.left + base].reshape(margins.top, width)
    thick = _thickness(kinds, depth)[base]
    up = (margins.top - 1 - rows) % (2 * thick)
    row = np.where(up < thick, up, 2 * thick - 1 - up)
    new.source[at] = (row * width + base).reshape(margins.top, width)
    return new


def _thickness(kinds: Kinds, depth: Float32Image) -> NDArray[np.intp]:
    """Return for each column [W] how many rows from the top show the surface that the top does."""
    same = (kinds == kinds[0]) & (np.abs(np.log(depth / depth[0])) < np.log(SAME_SURFACE))
    return np.asarray(np.cumprod(same, axis=0).sum(axis=0))


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
    outside[: margins.top] = False  # no floor hangs above the frame
    rows, columns = np.nonzero(outside)
    pixels = np.column_stack([columns, rows]) - margins.corner
    border = walk_below(kinds.shape)
    of_border = kinds[border.rows, border.columns]
    lines = shorelines(kinds, border, (STILL_FLOOR, MOVING_FLOOR))
    nearest = nearest_below(kinds.shape, pixels)
    base = past_lines(pixels, nearest, border, lines)
    height = _raised(kinds, depth, floor, camera, border)
    # What stands at the border goes on down to its foot; below it is the floor beside it.
    foot = _nearest_floor(of_border)[base]
    reached = level[rows, columns] * height[foot] > 1.0 / around.depth[rows, columns]
    open_below = (around.kinds[rows, columns] == OPEN) & (of_border[nearest] != OPEN)
    beside = (of_border[base] == STANDING) & reached | open_below | (base != nearest)
    base = np.where(beside, foot, base)
    found = of_border[base]
    mirror = around.source[rows, columns]
    of_mirror = np.where(mirror >= 0, kinds.ravel()[mirror], OPEN)
    flat = (found >= STILL_FLOOR) & (of_mirror != STANDING)
    base = _along_lines(pixels, base, of_border, kinds.shape, floor, camera, lines)
    rows, columns, base, found = rows[flat], columns[flat], base[flat], found[flat]
    new = around.copy()
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
    blurred = cv2.blur(values[None], (size, 1), borderType=cv2.BORDER_REPLICATE)
    return np.asarray(blurred[0], dtype=np.float64)
