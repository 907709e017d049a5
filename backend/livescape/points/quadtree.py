"""Where to spend Gaussians: square cells that are small where the picture has much detail.

Each layer is covered by cells of 1, 2, 4 ... pixels. A cell is split while the squared error of
replacing its pixels by their mean is above a threshold; the threshold is the one that
meets the budget. Error never grows when a cell is split, so the search is a bisection.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Float32Array = NDArray[np.float32]
Float64Array = NDArray[np.float64]

LEVELS = 5
"""Cells of 1, 2, 4, 8 and 16 pixels."""

SEARCH_STEPS = 24
"""Bisections of the threshold."""


@dataclass(frozen=True)
class Cells:
    """Square cells of one layer.

    Attributes:
        column: [K] first pixel column. row: [K] first pixel row. size: [K] pixels per side.
    """

    column: NDArray[np.int64]
    row: NDArray[np.int64]
    size: NDArray[np.int64]

    def __len__(self) -> int:
        """Return K."""
        return len(self.size)

    def moved(self, columns: int, rows: int) -> Cells:
        """Return the same cells on a grid that begins so much farther left and up."""
        return Cells(self.column + columns, self.row + rows, self.size)


def extent(valid: NDArray[np.bool_]) -> tuple[slice, slice]:
    """Return the part of a grid [H, W], of whole cells, outside which nothing is valid."""
    block = 2 ** (LEVELS - 1)
    slices = []
    for axis in (1, 0):
        used = np.flatnonzero(valid.any(axis=axis))
        first = int(used[0]) // block * block if len(used) else 0
        slices.append(slice(first, int(used[-1]) + 1 if len(used) else 0))
    return slices[0], slices[1]


class CellErrors:
    """Squared error of every possible cell of one layer, from whole to single pixels."""

    def __init__(
        self,
        features: Float32Array,
        valid: NDArray[np.bool_],
        weight: Float32Array,
        largest: Float32Array | None = None,
        rows: NDArray[np.integer] | None = None,
    ) -> None:
        """Sum up the pyramid.

        Args:
            features: [H, W, F] what a cell should represent by its mean.
            valid: [H, W] where the layer has a surface; cells never mix both.
            weight: [H, W] how much an error matters.
            largest: [H, W] pixels per side of the largest cell that may lie there; any if None.
            rows: [H, W] Gaussians that a cell becomes whose middle is there; one if None.
        """
        block = 2 ** (LEVELS - 1)
        height, width = valid.shape
        pad = ((0, -height % block), (0, -width % block))
        count = np.pad(valid, pad).astype(np.float64)
        first = np.pad(np.where(valid[..., None], features, 0), (*pad, (0, 0))).astype(np.float64)
        second = (first**2).sum(axis=-1)
        importance = np.pad(np.where(valid, weight, 0), pad).astype(np.float64)
        room = np.full(valid.shape, np.inf) if largest is None else np.where(valid, largest, np.inf)
        room = np.pad(room, pad, constant_values=np.inf)
        costs = np.ones(valid.shape, np.int64) if rows is None else rows.astype(np.int64)
        costs = np.pad(costs, pad)
        self.errors: list[Float64Array] = []
        self.counts: list[Float64Array] = []
        self.costs = [costs[2**level // 2 :: 2**level, 2**level // 2 :: 2**level]
                      for level in range(LEVELS)]  # fmt: skip
        for level in range(LEVELS):
            if level:
                count, second, importance = (_sum2(a) for a in (count, second, importance))
                first = _sum2(first)
                room = -_max2(-room)
            safe = np.maximum(count, 1.0)
            error = np.maximum(second - (first**2).sum(axis=-1) / safe, 0.0) * importance / safe
            mixed = (count > 0) & (count < 4.0**level)
            self.errors.append(np.where(mixed | (room < 2.0**level), np.inf, error))
            self.counts.append(count)
        for level in range(1, LEVELS):
            # Weights differ inside a cell, so keep the error monotone by hand.
            children = _max2(self.errors[level - 1])
            self.errors[level] = np.maximum(self.errors[level], children)

    def leaves(self, threshold: float) -> list[NDArray[np.bool_]]:
        """Return per level which cells are kept whole at ``threshold``."""
        kept: list[NDArray[np.bool_]] = []
        parent_split = np.ones_like(self.counts[-1], dtype=bool)
        for level in range(LEVELS - 1, -1, -1):
            split = parent_split & (self.counts[level] > 0) & (self.errors[level] > threshold)
            if level == 0:
                split = np.zeros_like(split)
            kept.insert(0, parent_split & (self.counts[level] > 0) & ~split)
            parent_split = split.repeat(2, axis=0).repeat(2, axis=1)
        return kept

    def cost(self, threshold: float) -> int:
        """Return how many Gaussians the cells kept at ``threshold`` become."""
        leaves = zip(self.leaves(threshold), self.costs, strict=True)
        return sum(int(costs[kept].sum()) for kept, costs in leaves)

    def cells(self, threshold: float) -> Cells:
        """Return the cells kept at ``threshold``."""
        parts = []
        for level, kept in enumerate(self.leaves(threshold)):
            rows, columns = np.nonzero(kept)
            size = 2**level
            parts.append((columns * size, rows * size, np.full(len(rows), size)))
        return Cells(*(np.concatenate(arrays) for arrays in zip(*parts, strict=True)))


def _sum2(values: Float64Array) -> Float64Array:
    height, width = values.shape[:2]
    tail = values.shape[2:]
    return np.asarray(values.reshape(height // 2, 2, width // 2, 2, *tail).sum(axis=(1, 3)))


def _max2(values: Float64Array) -> Float64Array:
    height, width = values.shape
    return np.asarray(values.reshape(height // 2, 2, width // 2, 2).max(axis=(1, 3)))


def choose_cells(
    layers: Sequence[CellErrors],
    budget: int,
    progress: Callable[[int, int], None] = lambda *_: None,
) -> list[Cells]:
    """Return the cells of each layer that together become at most ``budget`` Gaussians.

    Args:
        layers: Errors of each layer.
        budget: Most Gaussians in all. If even the coarsest cover is more, it is returned.
        progress: Called with (step, steps) of the search; may raise to stop.
    """

    def total(threshold: float) -> int:
        return sum(layer.cost(threshold) for layer in layers)

    if total(-1.0) <= budget:
        return [layer.cells(-1.0) for layer in layers]
    low, high = -12.0, 6.0  # log10 of the threshold
    for step in range(SEARCH_STEPS):
        progress(step, SEARCH_STEPS)
        middle = 0.5 * (low + high)
        low, high = (low, middle) if total(10.0**middle) <= budget else (middle, high)
    return [layer.cells(10.0**high) for layer in layers]
