"""The grid solver against dense linear algebra."""

from dataclasses import replace

import numpy as np
import pytest

from livescape.depth.solver import GridProblem, coarsen, solve_grid


def random_problem(height, width, seed=0):
    rng = np.random.default_rng(seed)
    right, down = rng.uniform(0.0, 2.0, (2, height, width))
    right[:, -1], down[-1] = 0.0, 0.0
    anchor = rng.uniform(0.0, 1.0, (height, width)) * (rng.random((height, width)) < 0.2)
    anchor[0, 0] = 1.0
    target, rise = rng.normal(size=(2, height, width))
    return GridProblem(anchor, target, right, down, 0.1 * rise)


def dense_solution(problem):
    """Stack one equation per term and let numpy solve the least squares."""
    height, width = problem.anchor.shape
    index = np.arange(height * width).reshape(height, width)
    equations, wanted = [], []

    def add(weight, entries, value):
        row = np.zeros(height * width)
        for cell, sign in entries:
            row[cell] = sign * np.sqrt(weight)
        equations.append(row)
        wanted.append(value * np.sqrt(weight))

    for row in range(height):
        for column in range(width):
            here = index[row, column]
            add(problem.anchor[row, column], [(here, 1)], problem.target[row, column])
            if column + 1 < width:
                add(problem.right[row, column], [(here, 1), (index[row, column + 1], -1)], 0.0)
            if row + 1 < height:
                pair = [(here, 1), (index[row + 1, column], -1)]
                add(problem.down[row, column], pair, problem.rise[row, column])
    solution = np.linalg.lstsq(np.array(equations), np.array(wanted), rcond=None)[0]
    return solution.reshape(height, width)


@pytest.mark.parametrize("shape", [(2, 2), (7, 5), (12, 9)])
def test_solver_matches_dense_least_squares(shape):
    problem = random_problem(*shape)
    found = solve_grid(problem, tolerance=1e-10, max_steps=2000)
    np.testing.assert_allclose(found, dense_solution(problem), atol=1e-5)


def test_a_large_grid_reaches_the_minimum_of_its_energy():
    problem = random_problem(150, 101, seed=3)
    found = solve_grid(problem, tolerance=1e-9, max_steps=3000)
    rng = np.random.default_rng(0)
    best = energy(problem, found)
    for _ in range(5):
        assert energy(problem, found + 1e-3 * rng.normal(size=found.shape)) > best


def energy(problem, values):
    across = problem.right[:, :-1] * np.diff(values, axis=1) ** 2
    along = problem.down[:-1] * (values[:-1] - values[1:] - problem.rise[:-1]) ** 2
    return (problem.anchor * (values - problem.target) ** 2).sum() + across.sum() + along.sum()


@pytest.mark.parametrize("shape", [(48, 48), (49, 51)])
def test_coarse_grids_start_near_the_solution(shape):
    height, width = shape
    right, down, anchor = np.ones(shape), np.ones(shape), np.zeros(shape)
    right[:, -1], down[-1], anchor[-1] = 0.0, 0.0, 5.0
    flat = GridProblem(anchor, np.zeros(shape), right, down, np.full(shape, 0.25))
    coarse = solve_grid(coarsen(flat), tolerance=1e-10, max_steps=4000)
    fine = solve_grid(flat, tolerance=1e-10, max_steps=4000)
    # u rises by a quarter per row from the anchored last row.
    np.testing.assert_allclose(fine[0], 0.25 * (height - 1), atol=1e-4)
    assert coarse.shape == (height // 2, width // 2)
    np.testing.assert_allclose(coarse[0], fine[0].mean(), rtol=0.06)


def test_links_that_leave_the_grid_are_refused():
    problem = random_problem(4, 5)
    with pytest.raises(ValueError, match="leave the grid"):
        replace(problem, right=np.ones((4, 5)))
    with pytest.raises(ValueError, match=r"\(4, 4\)"):
        replace(problem, rise=np.ones((4, 4)))
