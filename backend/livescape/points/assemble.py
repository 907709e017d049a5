"""The Gaussians that optimisation starts from, and which of them move."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from livescape.points.highlights import clear_of_edges, in_stops
from livescape.points.layers import MOVES, Layer, LayeredPhoto
from livescape.points.nearness import nearness
from livescape.points.quadtree import CellErrors, Cells, choose_cells, extent
from livescape.points.surfels import (
    INITIAL_OPACITY,
    SPREAD,
    cell_gaussians,
    cell_means,
    cell_shades,
)
from livescape_shared.camera import Camera
from livescape_shared.gaussians import Gaussians

Float32Array = NDArray[np.float32]
UInt8Array = NDArray[np.uint8]

STATIC, MOVING_SURFACE, MOVING_SKY, UNDERLAY, UNDER = 0, 1, 2, 3, 4
"""Kinds of Gaussians: still, moving on a surface, moving on the sky plate, still copies of what
moves, which lie under it, and what moves under what stands."""

HIDDEN = (UNDERLAY, UNDER)
"""Kinds that the photo does not show, and nothing can tell how they look."""

UNDERLAY_DEPTH = 1.15
"""Still copies of moving surfaces lie this factor deeper and show where the flow opens gaps.

Gaussians are sorted by their centres, and one 16-pixel cell of water seen at a grazing angle spans
more than 5 % in depth: closer underlays would be drawn before some of the water that they lie
under, as a veil that stands still.
"""

CLEAR = 2.0
"""Distance of the underlay's cells from the border of what moves, in cell widths: it must not show
beside the water, before what stands farther away."""

LARGEST_UNDER = 2.0
"""Largest cells of what comes out from under an object, in pixels of whichever frame shows it
largest: larger ones would cover its foot before they have passed it."""

UNDERLAY_WEIGHT = 0.05

SHAPES = {
    STATIC: (SPREAD, INITIAL_OPACITY),
    MOVING_SURFACE: (0.55, 0.99),
    MOVING_SKY: (0.55, 0.99),
    UNDER: (0.55, 0.99),
    UNDERLAY: (0.75, 0.995),
}
"""Standard deviation in cell widths and opacity to begin with, by kind. What moves is closed: the
still copies under it must not shine through. These are coarse, and nothing must show through them
where the flow opens a gap."""

MOVING_KINDS = {"sky": MOVING_SKY, "under": UNDER}
"""By the name of a layer what its moving part becomes, if no moving surface."""

DEPTH_FEATURE = 2.0
MASK_FEATURE = 0.5


@dataclass(frozen=True)
class SceneGaussians:
    """Gaussians at t = 0 and what each of them is.

    Attributes:
        gaussians: [N].
        kind: [N] uint8: ``STATIC``, ``MOVING_SURFACE``, ``MOVING_SKY``, ``UNDERLAY`` or ``UNDER``.
    """

    gaussians: Gaussians
    kind: NDArray[np.uint8]

    def __getitem__(self, index: NDArray[np.bool_] | NDArray[np.integer]) -> SceneGaussians:
        """Return the subset selected by a mask or index array [N]."""
        return SceneGaussians(self.gaussians[index], self.kind[index])

    @property
    def moves(self) -> NDArray[np.bool_]:
        """[N] whether each moves."""
        return np.isin(self.kind, (MOVING_SURFACE, MOVING_SKY, UNDER))

    @classmethod
    def concatenate(cls, *parts: SceneGaussians) -> SceneGaussians:
        """Return all parts in one."""
        return cls(
            Gaussians.concatenate(*(part.gaussians for part in parts)),
            np.concatenate([part.kind for part in parts]),
        )

    def only(self, *kinds: int) -> Gaussians:
        """Return the Gaussians of the given kinds."""
        return self.gaussians[np.isin(self.kind, kinds)]


class Cover(NamedTuple):
    """Gaussians that cover all layers.

    Attributes:
        scene: N Gaussians.
        costs: [N] how many each becomes.
        shades: [N, 2, 3] least and greatest display colour that the photo shows where each is; of
            what moves or is invented its own, which leaves it and its neighbours alike.
    """

    scene: SceneGaussians
    costs: NDArray[np.int64]
    shades: Float32Array


@dataclass(frozen=True)
class _Part:
    """The still or moving part of a layer: where it is, what it becomes, its weight and cost.

    Attributes:
        nearness: [H, W] how many times as large as in the photo the path shows it.
    """

    layer: Layer
    kind: int
    weight: Float32Array
    copies: UInt8Array
    nearness: Float32Array


def assemble(
    photo: LayeredPhoto,
    importance: Sequence[Float32Array],
    copies: Sequence[UInt8Array],
    budget: int,
    progress: Callable[[int, int], None] = lambda *_: None,
    path: Sequence[Camera] = (),
) -> Cover:
    """Cover all layers with at most ``budget`` Gaussians, counting all copies of moving ones.

    A picture with more edges than the budget has Gaussians is covered as if it were half as fine,
    or again half of that.

    Args:
        photo: The layers.
        importance: [H, W] of each layer, how much an error matters there.
        copies: [H, W] of each layer, Gaussians that one becomes which moves there.
        budget: Most Gaussians.
        progress: Called with (step, steps); may raise to stop.
        path: Every camera of the shot.
    """
    shown = _shown(photo)
    while True:
        parts = list(_parts(photo, importance, copies, path))
        nothing = ~np.any([layer.valid for layer in photo.layers], axis=0)
        for clear in (CLEAR, 0.0):  # a budget that is too small for small cells gets large ones
            errors = []
            for part in parts:
                progress(0, 1)
                errors.append(_errors(part, nothing, clear))
            chosen = choose_cells(errors, budget, progress)
            cells = [_placed(part, own) for part, own in zip(parts, chosen, strict=True)]
            costs = [_costs(part, own) for part, own in zip(parts, cells, strict=True)]
            if sum(int(cost.sum()) for cost in costs) <= budget:
                scene = _covered(parts, cells, photo.camera, progress)
                return Cover(scene, np.concatenate(costs), _shades(parts, cells, shown))
        photo, importance, copies = _halved(photo, importance, copies)


def _covered(
    parts: Sequence[_Part],
    cells: Sequence[Cells],
    camera: Camera,
    progress: Callable[[int, int], None],
) -> SceneGaussians:
    """Return the Gaussians of the cells of every part, on the grid of ``camera``."""
    sets = []
    for part, own in zip(parts, cells, strict=True):
        progress(1, 1)
        spread, opacity = SHAPES[part.kind]
        covers = part.layer.coverage
        if covers is None:
            sets.append(cell_gaussians(part.layer, own, camera, spread, opacity))
        else:
            each = np.float32(opacity) * cell_means(covers, own)
            sets.append(cell_gaussians(part.layer, own, camera, spread, each))
    kinds = [np.full(len(s), part.kind, np.uint8) for s, part in zip(sets, parts, strict=True)]
    return SceneGaussians(Gaussians.concatenate(*sets), np.concatenate(kinds))


def _shades(
    parts: Sequence[_Part], cells: Sequence[Cells], shown: dict[str, NDArray[np.bool_]]
) -> Float32Array:
    """Return the shades [N, 2, 3] of every part's cells."""
    sets = []
    for part, own in zip(parts, cells, strict=True):
        there = shown[part.layer.name]
        known = part.kind == STATIC and there.shape == part.layer.valid.shape
        sets.append(cell_shades(part.layer, there if known else ~part.layer.valid, own))
    return np.concatenate(sets)


def _shown(photo: LayeredPhoto) -> dict[str, NDArray[np.bool_]]:
    """Return by the name of each layer which of its pixels [H, W] the photo itself shows."""
    free = np.zeros((photo.camera.height, photo.camera.width), bool)
    free[photo.margins.photo(free.shape)] = True
    shown = {}
    for layer in photo.layers:
        shown[layer.name] = free & layer.valid
        free = free & ~layer.valid
    return shown


def _placed(part: _Part, cells: Cells) -> Cells:
    """Return cells, which were chosen on the used part of the grid, on the whole of it."""
    rows, columns = extent(part.layer.valid)
    return cells.moved(columns.start, rows.start)


def _costs(part: _Part, cells: Cells) -> NDArray[np.int64]:
    """Return how many Gaussians each cell [K] becomes."""
    middle = cells.size // 2
    return np.asarray(part.copies[cells.row + middle, cells.column + middle], np.int64)


def _parts(
    photo: LayeredPhoto,
    importance: Sequence[Float32Array],
    copies: Sequence[UInt8Array],
    path: Sequence[Camera],
) -> Iterator[_Part]:
    for layer, weight, own in zip(photo.layers, importance, copies, strict=True):
        moves = layer.valid & (layer.moving > MOVES)
        still = layer.valid & ~moves
        once, far = np.ones_like(own), np.ones_like(weight)
        if still.any():
            yield _Part(replace(layer, valid=still), STATIC, weight, once, far)
        if moves.any():
            kind = MOVING_KINDS.get(layer.name, MOVING_SURFACE)
            near = nearness(photo, layer, path) if kind == UNDER else far
            yield _Part(replace(layer, valid=moves), kind, weight, own, near)
            depth = (layer.depth * np.float32(UNDERLAY_DEPTH)).astype(np.float32)
            under = replace(layer, valid=moves, depth=depth)
            yield _Part(under, UNDERLAY, weight * np.float32(UNDERLAY_WEIGHT), once, far)


def _halved(
    photo: LayeredPhoto, importance: Sequence[Float32Array], copies: Sequence[UInt8Array]
) -> tuple[LayeredPhoto, list[Float32Array], list[UInt8Array]]:
    """Return layers, importance and copies on a grid half as fine."""
    size = (photo.camera.width + 1) // 2, (photo.camera.height + 1) // 2

    def shrunk(values: NDArray[np.generic]) -> Float32Array:
        small = cv2.resize(values.astype(np.float32), size, interpolation=cv2.INTER_AREA)
        return np.asarray(small, np.float32)

    def halved(layer: Layer) -> Layer:
        share = shrunk(layer.valid)
        whole = np.maximum(share, np.float32(1e-6))
        image = shrunk(layer.image * layer.valid[..., None]) / whole[..., None]
        depth = np.where(share > 0, shrunk(layer.depth * layer.valid) / whole, shrunk(layer.depth))
        moving = shrunk(layer.moving * layer.valid) / whole
        light = None if layer.highlights is None else shrunk(layer.highlights)
        covers = None
        if layer.coverage is not None:
            covers = (shrunk(layer.coverage * layer.valid) / whole).astype(np.float32)
        return replace(
            layer,
            image=image.astype(np.float32),
            depth=depth.astype(np.float32),
            valid=share >= 0.5,
            moving=moving.astype(np.float32),
            highlights=light,
            coverage=covers,
        )

    layers = tuple(halved(layer) for layer in photo.layers)
    grown = replace(photo, layers=layers, camera=photo.camera.resized(*size))
    nearest = [cv2.resize(own, size, interpolation=cv2.INTER_NEAREST) for own in copies]
    weights = [shrunk(weight) for weight in importance]
    return grown, weights, [np.asarray(own, np.uint8) for own in nearest]


def _errors(part: _Part, nothing: NDArray[np.bool_], clear: float) -> CellErrors:
    """Return the errors of a part's cells.

    An underlay keeps ``clear`` cell widths inside, and so does what is much brighter than white.
    """
    there = extent(part.layer.valid)
    largest = None
    if part.kind == UNDER and clear > 0.0:
        # Cells are 1, 2, 4 ... pixels wide: the next one of those.
        largest = np.exp2(np.round(np.log2(LARGEST_UNDER / part.nearness[there])))
    elif part.kind == UNDERLAY and clear > 0.0:
        # Where nothing is, because no frame looks there, nothing can be hidden.
        largest = _distance_inside(part.layer.valid | nothing)[there] / np.float32(clear)
    light = part.layer.highlights
    if light is not None and light.any() and clear > 0.0:
        bright = clear_of_edges(light)[there] / np.float32(clear)
        largest = bright if largest is None else np.minimum(largest, bright)
    features = _features(part.layer, there)
    valid, weight, copies = part.layer.valid, part.weight, part.copies
    return CellErrors(features, valid[there], weight[there], largest, copies[there])


def _distance_inside(region: NDArray[np.bool_]) -> NDArray[np.float32]:
    """Return how far [H, W] each pixel is from the nearest one outside, in pixels."""
    away = cv2.distanceTransform(region.astype(np.uint8), cv2.DIST_L2, 5)
    return np.minimum(away, np.float32(sum(region.shape)))  # without an outside it is endless


def _features(layer: Layer, there: tuple[slice, slice]) -> NDArray[np.float32]:
    depth = DEPTH_FEATURE * np.log(layer.depth[there])[..., None]
    moving = MASK_FEATURE * layer.moving[there][..., None]
    features: list[NDArray[np.floating]] = [layer.image[there], depth, moving]
    if layer.coverage is not None:
        features.append(layer.coverage[there][..., None])
    if layer.highlights is not None:
        features.append(in_stops(layer.highlights[there]))
    return np.concatenate(features, axis=-1).astype(np.float32)
