"""The constraints of the pop-up geometry on log depth, cell by cell.

Water and ground lie on the plane. Upright things keep the depth of their foot up the column;
terrain recedes as it rises. Neighbours of one surface agree unless the photograph shows an
edge between them, and there is no constraint across an occlusion.
"""

from __future__ import annotations

from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from livescape.depth.plane import GroundPlane
from livescape.depth.solver import FloatArray, GridProblem
from livescape.depth.surfaces import FLAT, OPEN, SLOPE, STANDING, SurfaceGrid

WATER_ANCHOR: Final = 10.0
GROUND_ANCHOR: Final = 3.0
PRIOR_ANCHOR: Final = 0.002
"""Weights of the plane's depth on flat cells and of a guess on all others."""

OVERHANG_ANCHOR: Final = 0.05
"""Weight with which foliage that hangs into the frame is kept near."""

CONTACT: Final = {(STANDING, FLAT): 1.0, (STANDING, SLOPE): 0.5, (SLOPE, FLAT): 0.5}
"""Weight of the link from an upper kind to the kind right below it, where one touches the other."""

SIDEWAYS: Final = {FLAT: 1.0, STANDING: 0.3, SLOPE: 1.0}
"""Weight of links across columns, against 1 along them."""

MIXED: Final = 0.3
"""Weight of links between upright things and terrain beside or behind them, where no edge separates
them: in a forest the two classes alternate on one surface."""

EDGE_CONTRAST: Final = 0.07
"""Colour difference between cells at which their link is weakened to 1/e."""

EDGE_FLOOR: Final = 0.02

NARROW: Final = 6
"""Cells up to which a thing before the sky is taken for one thing from its tip to its foot."""

SLOPE_RISE: Final = 3.0
"""Log depth that terrain gains per image height."""

BREAK_RISE: Final = 2.0
"""The same for upright things, if edges show one thing behind another; a plain wall gains none."""

RELIEF_SHARE: Final = 0.6
"""Depth guessed for terrain above the horizon, in units of the plane's end."""

FOOT_BELOW: Final = 1.08
"""Row, in image heights, on which things cut off by the lower edge are assumed to stand."""


def build_problem(grid: SurfaceGrid, image: NDArray[np.float32], plane: GroundPlane) -> GridProblem:
    """Return the least-squares problem whose solution is log depth on the grid.

    Args:
        grid: Kinds of surface.
        image: [H, W, 3] float32 sRGB photograph of any size, for the edges in it.
        plane: Plane of water and ground.
    """
    kinds = grid.kinds
    edge_right, edge_down = edge_links(image, grid.shape)
    edge_down[_narrow(kinds)] = 1.0
    right, down, rise = (np.zeros(grid.shape) for _ in range(3))
    for kind, sideways in SIDEWAYS.items():
        inside = kinds == kind
        right[:, :-1] += (inside[:, :-1] & inside[:, 1:]) * sideways * edge_right[:, :-1]
        down[:-1] += (inside[:-1] & inside[1:]) * edge_down[:-1]
    solid = (kinds == STANDING) | (kinds == SLOPE)
    mixed_right = solid[:, :-1] & solid[:, 1:] & (kinds[:, :-1] != kinds[:, 1:])
    right[:, :-1] += mixed_right * MIXED * _unbroken(edge_right[:, :-1])
    mixed_down = (kinds[:-1] == SLOPE) & (kinds[1:] == STANDING)
    down[:-1] += mixed_down * MIXED * _unbroken(edge_down[:-1])
    for (upper, lower), weight in CONTACT.items():
        down[:-1] += ((kinds[:-1] == upper) & (kinds[1:] == lower)) * weight
    rise[kinds == SLOPE] = SLOPE_RISE / grid.shape[0]
    broken = (kinds == STANDING) & (np.roll(kinds, -1, axis=0) == STANDING)
    rise[broken] = BREAK_RISE / grid.shape[0] * (1.0 - edge_down[broken])
    anchor, target = _anchors(grid, plane)
    return GridProblem(anchor, target, right, down, rise)


def _narrow(kinds: NDArray[np.uint8]) -> NDArray[np.bool_]:
    """Return the cells of spires, masts and gables: narrow, with sky to their left and right.

    Where two things meet, one of them goes on beside the other; such a thing is one with what is
    below it, whatever edges its own ornament shows.
    """
    solid = (kinds != OPEN).astype(np.uint8)
    wide = cv2.morphologyEx(solid, cv2.MORPH_OPEN, np.ones((1, NARROW + 1), np.uint8))
    return np.asarray((solid > 0) & (wide == 0))


def edge_links(image: NDArray[np.float32], shape: tuple[int, int]) -> tuple[FloatArray, FloatArray]:
    """Return the similarity of each cell to the one on its right and below, EDGE_FLOOR to 1."""
    small = cv2.resize(image, shape[::-1], interpolation=cv2.INTER_AREA)
    # Flatten texture first: only borders between regions may cut a surface.
    smooth = cv2.bilateralFilter(small, d=9, sigmaColor=0.15, sigmaSpace=4.0)
    links = []
    for axis in (1, 0):
        step = np.linalg.norm(np.diff(smooth, axis=axis), axis=2).astype(np.float64)
        step = np.pad(step, ((0, 1 - axis), (0, axis)))
        links.append(np.maximum(np.exp(-((step / EDGE_CONTRAST) ** 2)), EDGE_FLOOR))
    return links[0], links[1]


def _unbroken(links: FloatArray) -> FloatArray:
    """Keep only the links across which the photograph shows no edge at all."""
    return np.maximum(2.0 * links - 1.0, 0.0)


def _anchors(grid: SurfaceGrid, plane: GroundPlane) -> tuple[FloatArray, FloatArray]:
    kinds = grid.kinds
    flat = kinds == FLAT
    row_depth = np.log(plane.depth_at(grid.rows))
    far = np.log(RELIEF_SHARE * plane.far)
    of_row = np.broadcast_to(row_depth[:, None], grid.shape)
    foot_rows = _foot_rows(grid)
    of_foot = np.minimum(np.log(plane.depth_at(foot_rows)), far)
    target = np.full(grid.shape, np.log(plane.far))
    target[flat] = of_row[flat]
    target[kinds == SLOPE] = np.minimum(of_row, far)[kinds == SLOPE]
    # Without a visible foot: between a card that stands at the lower edge and a slope on which
    # higher means farther.
    cut_off = foot_rows > grid.photo_height
    standing = np.where(cut_off, 0.5 * (of_foot + np.minimum(of_row, far)), of_foot)
    target[kinds == STANDING] = standing[kinds == STANDING]
    anchor = np.full(grid.shape, PRIOR_ANCHOR)
    anchor[flat] = GROUND_ANCHOR
    anchor[grid.water & flat] = WATER_ANCHOR
    anchor[kinds == OPEN] = 1.0
    hanging = _overhangs(kinds)
    nearest = float(plane.depth_at(np.array([FOOT_BELOW * grid.photo_height]))[0])
    target[hanging] = np.log(2.0 * nearest)
    anchor[hanging] = OVERHANG_ANCHOR
    return anchor, target


def _foot_rows(grid: SurfaceGrid) -> FloatArray:
    """Return for each cell the row in pixels of the first flat cell below it in its column."""
    height, width = grid.shape
    foot = np.full((height, width), FOOT_BELOW * grid.photo_height)
    current = foot[0].copy()
    for row in range(height - 1, -1, -1):
        current = np.where(grid.kinds[row] == FLAT, grid.rows[row], current)
        foot[row] = current
    return foot


def _overhangs(kinds: NDArray[np.uint8]) -> NDArray[np.bool_]:
    """Find foliage and roofs that enter from above and touch nothing below."""
    count, components, stats, _ = cv2.connectedComponentsWithStats(
        (kinds == STANDING).astype(np.uint8), connectivity=8
    )
    below = np.full_like(kinds, STANDING)
    below[:-1] = kinds[1:]
    touching = ((kinds == STANDING) & ((below == FLAT) | (below == SLOPE))).astype(np.int64)
    contacts = np.bincount(components.ravel(), weights=touching.ravel(), minlength=count)
    top = stats[:, cv2.CC_STAT_TOP] == 0
    bottom = stats[:, cv2.CC_STAT_TOP] + stats[:, cv2.CC_STAT_HEIGHT] == kinds.shape[0]
    few = contacts < 0.1 * stats[:, cv2.CC_STAT_WIDTH]
    hanging = top & ~bottom & few
    hanging[0] = False
    return np.asarray(hanging[components])
