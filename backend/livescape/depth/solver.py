"""Weighted least squares on an image grid, the solver of the pop-up geometry.

Finds the map u that minimises

    sum_p anchor_p (u_p - target_p)^2
    + sum_p right_p (u_p - u_right(p))^2 + sum_p down_p (u_p - u_below(p) - rise_p)^2

by conjugate gradients with a diagonal preconditioner, started from the solution on a grid of half
the size, which saves the iterations that low frequencies would take.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]

COARSEST: Final = 24
"""Side in cells below which no coarser grid is tried."""


@dataclass(frozen=True)
class GridProblem:
    """One least-squares problem on a grid; every array is [H, W] float64.

    Attributes:
        anchor: Weight of the target, 0 where there is none.
        target: Wanted value.
        right: Weight of the link from a cell to the one on its right; last column 0.
        down: Weight of the link from a cell to the one below; last row 0.
        rise: Wanted difference of a cell over the one below it.
    """

    anchor: FloatArray
    target: FloatArray
    right: FloatArray
    down: FloatArray
    rise: FloatArray

    def __post_init__(self) -> None:
        """Check the shapes and that links stay inside.

        Raises:
            ValueError: If a shape differs or a link leaves the grid.
        """
        arrays = (self.anchor, self.target, self.right, self.down, self.rise)
        shapes = [array.shape for array in arrays]
        if len(set(shapes)) != 1:
            raise ValueError(f"all arrays of a grid problem must have one shape, not {shapes}")
        if self.right[:, -1].any() or self.down[-1].any():
            raise ValueError("links in the last column or row leave the grid")


def solve_grid(
    problem: GridProblem, *, tolerance: float = 1e-4, max_steps: int = 400
) -> FloatArray:
    """Return the minimiser [H, W].

    Args:
        problem: Weights and targets; every connected part needs an anchor somewhere.
        tolerance: Relative residual at which to stop.
        max_steps: Most conjugate-gradient steps on one grid.
    """
    height, width = problem.anchor.shape
    start = problem.target
    if min(height, width) >= 2 * COARSEST:
        coarse = solve_grid(coarsen(problem), tolerance=tolerance, max_steps=max_steps)
        start = coarse.repeat(2, axis=0).repeat(2, axis=1)[:height, :width]
        start = np.pad(
            start, ((0, height - start.shape[0]), (0, width - start.shape[1])), mode="edge"
        )
    return _conjugate_gradients(problem, start, tolerance, max_steps)


def coarsen(problem: GridProblem) -> GridProblem:
    """Return the problem on 2 x 2 blocks; an odd last row or column joins its neighbour's block."""
    anchor = _block_sum(problem.anchor)
    target = _block_sum(problem.anchor * problem.target) / np.maximum(anchor, 1e-30)
    plain = _block_sum(problem.target) / _block_sum(np.ones_like(problem.target))
    # A link between blocks is made of the fine links that cross the border between them; it spans
    # two cells, hence half as stiff, and carries the rise of both.
    right = _block_sum(_every_second(problem.right, axis=1)) / 2.0
    crossing = _every_second(problem.down, axis=0)
    down = _block_sum(crossing) / 2.0
    rise = 2.0 * _block_sum(crossing * problem.rise) / np.maximum(_block_sum(crossing), 1e-30)
    right[:, -1], down[-1] = 0.0, 0.0
    return GridProblem(anchor, np.where(anchor > 0.0, target, plain), right, down, rise)


def apply_normal_matrix(problem: GridProblem, values: FloatArray) -> FloatArray:
    """Return the normal equations' matrix times ``values`` [H, W]."""
    result: FloatArray = problem.anchor * values
    across = problem.right[:, :-1] * (values[:, :-1] - values[:, 1:])
    result[:, :-1] += across
    result[:, 1:] -= across
    along = problem.down[:-1] * (values[:-1] - values[1:])
    result[:-1] += along
    result[1:] -= along
    return result


def right_hand_side(problem: GridProblem) -> FloatArray:
    """Return the normal equations' right-hand side [H, W]."""
    result: FloatArray = problem.anchor * problem.target
    pull = problem.down[:-1] * problem.rise[:-1]
    result[:-1] += pull
    result[1:] -= pull
    return result


def _conjugate_gradients(
    problem: GridProblem, start: FloatArray, tolerance: float, max_steps: int
) -> FloatArray:
    values: FloatArray = start.copy()
    wanted = right_hand_side(problem)
    diagonal = problem.anchor + problem.right + problem.down
    diagonal[:, 1:] += problem.right[:, :-1]
    diagonal[1:] += problem.down[:-1]
    inverse = 1.0 / np.maximum(diagonal, 1e-12)
    residual = wanted - apply_normal_matrix(problem, values)
    limit = tolerance * max(_length(inverse * wanted), 1e-30)
    scaled = inverse * residual
    direction = scaled.copy()
    power = float((residual * scaled).sum())
    for _ in range(max_steps):
        if _length(scaled) <= limit:
            break
        image = apply_normal_matrix(problem, direction)
        step = power / float((direction * image).sum())
        values += step * direction
        residual -= step * image
        scaled = inverse * residual
        power, previous = float((residual * scaled).sum()), power
        direction = scaled + (power / previous) * direction
    return values


def _length(values: FloatArray) -> float:
    """Return the Euclidean norm; that of BLAS wakes threads, which spin between two steps."""
    return math.sqrt(float((values * values).sum()))


def _block_sum(values: FloatArray) -> FloatArray:
    height, width = (max(1, size // 2) for size in values.shape)
    rows: FloatArray = np.add.reduceat(values, 2 * np.arange(height), axis=0)
    return np.asarray(np.add.reduceat(rows, 2 * np.arange(width), axis=1))


def _every_second(links: FloatArray, axis: int) -> FloatArray:
    """Keep the links that leave a 2-cell block along ``axis``."""
    index = np.arange(links.shape[axis])
    leaves = (index % 2 == 1) & (index < 2 * (links.shape[axis] // 2) - 1)
    return np.asarray(links * (leaves[None, :] if axis == 1 else leaves[:, None]))
