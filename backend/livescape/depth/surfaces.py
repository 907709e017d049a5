"""Which kind of surface each cell of a small grid belongs to, as the pop-up geometry sees it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from livescape.layout.types import GROUND, RELIEF, SKY, UPRIGHT, WATER, SceneLayout

OPEN: Final = 0
FLAT: Final = 1
STANDING: Final = 2
SLOPE: Final = 3
"""Kinds of surface: nothing (sky), the ground plane, upright things on it, and rising terrain."""

GRID_SIDE: Final = 256
"""Long side in cells of the grid on which depth is solved."""

SHORE_SHARE: Final = 0.5
"""Share of a ground region's lower edge that must be water for it to be an island or a bank."""


@dataclass(frozen=True)
class SurfaceGrid:
    """Surfaces on a small grid.

    Attributes:
        kinds: [h, w] uint8, one of the constants above.
        water: [h, w] bool.
        rows: [h] row in pixels of the photograph that each grid row's centre falls on.
        photo_height: Height of the photograph in pixels.
    """

    kinds: NDArray[np.uint8]
    water: NDArray[np.bool_]
    rows: NDArray[np.float64]
    photo_height: int

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns of the grid."""
        return self.kinds.shape[0], self.kinds.shape[1]


def surface_grid(layout: SceneLayout, horizon_row: float) -> SurfaceGrid:
    """Reduce a layout to a grid and decide what lies flat and what rises.

    Args:
        layout: Layout of the photograph.
        horizon_row: Row of the horizon in pixels; nothing at or above it lies flat.
    """
    height, width = layout.size
    scale = min(1.0, GRID_SIDE / max(height, width))
    size = (max(2, round(width * scale)), max(2, round(height * scale)))
    planes = [
        cv2.resize(plane, size, interpolation=cv2.INTER_AREA) for plane in layout.probabilities
    ]
    labels = np.argmax(np.stack(planes), axis=0)
    rows = (np.arange(size[1]) + 0.5) * height / size[1]
    kinds = np.full(labels.shape, OPEN, np.uint8)
    kinds[(labels == WATER) | (labels == GROUND)] = FLAT
    kinds[labels == UPRIGHT] = STANDING
    kinds[labels == RELIEF] = SLOPE
    rising = _banks(labels) | ((labels == GROUND) & (rows <= horizon_row)[:, None])
    kinds[rising] = SLOPE
    return SurfaceGrid(kinds, labels == WATER, rows, height)


def kinds_at_full_size(layout: SceneLayout, grid: SurfaceGrid) -> NDArray[np.uint8]:
    """Return the kind of surface [H, W] of every pixel, crisp at the layout's own edges."""
    labels = layout.labels
    kinds = np.full(labels.shape, OPEN, np.uint8)
    kinds[labels == UPRIGHT] = STANDING
    kinds[labels == RELIEF] = SLOPE
    kinds[labels == WATER] = FLAT
    # Ground is flat or rising, whichever is nearer on the grid, so that its edge stays the
    # layout's even where the two resolutions disagree.
    flat = (grid.kinds == FLAT) & ~grid.water
    slope = grid.kinds == SLOPE
    size = labels.shape[::-1]
    nearer_flat = (_distance_to(flat) <= _distance_to(slope)).astype(np.float32)
    ground_is_flat = cv2.resize(nearer_flat, size, interpolation=cv2.INTER_LINEAR) >= 0.5
    ground = labels == GROUND
    kinds[ground & ground_is_flat] = FLAT
    kinds[ground & ~ground_is_flat] = SLOPE
    kinds[labels == SKY] = OPEN
    return kinds


def _banks(labels: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Ground that ends in water below: islands and far banks, which rise from the shore."""
    count, components = cv2.connectedComponents((labels == GROUND).astype(np.uint8))
    below = np.full_like(labels, -1)
    below[:-1] = labels[1:]
    edge = (labels == GROUND) & (below != GROUND)
    edges = np.bincount(components[edge], minlength=count)
    shores = np.bincount(components[edge & (below == WATER)], minlength=count)
    bank = shores > SHORE_SHARE * np.maximum(edges, 1)
    bank[0] = False
    return np.asarray(bank[components])


def _distance_to(mask: NDArray[np.bool_]) -> NDArray[np.float32]:
    if not mask.any():
        return np.full(mask.shape, np.inf, np.float32)
    distance = cv2.distanceTransform((~mask).astype(np.uint8), cv2.DIST_L2, 3)
    return np.asarray(distance, dtype=np.float32)
