"""Where Gaussians are spent: cells that tile each layer, within the budget, where detail is."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from livescape.points.quadtree import LEVELS, CellErrors, choose_cells

SIZES = [2**level for level in range(LEVELS)]


def covered(cells, shape):
    """How many cells lie on each pixel; a cell that reaches out of the image is an error."""
    count = np.zeros(shape, int)
    for column, row, size in zip(cells.column, cells.row, cells.size, strict=True):
        assert row + size <= shape[0]
        assert column + size <= shape[1]
        count[row : row + size, column : column + size] += 1
    return count


def errors(features, valid=None, weight=None):
    shape = features.shape[:2]
    valid = np.ones(shape, bool) if valid is None else valid
    return CellErrors(features, valid, np.ones(shape, np.float32) if weight is None else weight)


def noise(height, width, seed=0):
    return np.random.default_rng(seed).random((height, width, 3)).astype(np.float32)


masks = st.tuples(st.integers(1, 40), st.integers(1, 40)).flatmap(lambda s: arrays(np.bool_, s))


@settings(max_examples=60, deadline=None)
@given(masks, st.integers(1, 400), st.integers(0, 3))
def test_cells_cover_every_valid_pixel_once_and_no_other(valid, budget, seed):
    features = noise(*valid.shape, seed)
    features[~valid] = np.nan  # what is not valid must not even be looked at
    (cells,) = choose_cells([errors(features, valid)], budget)
    np.testing.assert_array_equal(covered(cells, valid.shape), valid)
    assert set(cells.size) <= set(SIZES)
    assert not (cells.column % cells.size).any()
    assert not (cells.row % cells.size).any()


@pytest.mark.parametrize("budget", [100, 500, 2000, 3000])
def test_the_budget_is_met_and_nearly_spent(budget):
    flowing, whole = 0.1 * noise(64, 96, 2), np.ones((64, 96), bool)
    twice = np.full(whole.shape, 2, np.uint8)
    layers = [errors(noise(64, 96, 1)), CellErrors(flowing, whole, np.ones((64, 96)), rows=twice)]
    cells = choose_cells(layers, budget)
    spent = len(cells[0]) + 2 * len(cells[1])
    assert spent <= budget
    assert spent > 0.98 * budget - 6  # one split of a moving cell costs 6 more


def test_a_cell_costs_what_its_middle_says():
    rows = np.ones((64, 96), np.uint8)
    rows[:, 40:] = 3
    whole = np.ones(rows.shape, bool)
    layer = CellErrors(noise(64, 96), whole, np.ones(rows.shape), rows=rows)
    for threshold in (1e-9, 0.02, 0.1, 10.0):
        cells = layer.cells(threshold)
        middle = cells.column + cells.size // 2
        assert layer.cost(threshold) == np.where(middle < 40, 1, 3).sum()


def test_a_generous_budget_gives_every_pixel_its_own_cell():
    cells = choose_cells([errors(noise(30, 20))], 10_000)
    assert len(cells[0]) == 600
    assert set(cells[0].size) == {1}


def test_where_even_the_coarsest_cover_costs_more_that_is_returned():
    (cells,) = choose_cells([errors(noise(64, 64))], 3)
    assert len(cells) == 16
    assert set(cells.size) == {16}


def test_detail_gets_the_small_cells():
    features = np.full((64, 64, 3), 0.5, np.float32)
    features[16:32, 32:48] = noise(16, 16)
    (cells,) = choose_cells([errors(features)], 300)
    busy = (cells.row >= 16) & (cells.row < 32) & (cells.column >= 32) & (cells.column < 48)
    assert busy.sum() > 0.8 * len(cells)
    np.testing.assert_array_equal(covered(cells, (64, 64)), 1)
    assert cells.size[~busy].min() == 16


def test_weight_moves_the_budget():
    weight = np.ones((64, 64), np.float32)
    weight[:, 32:] = 0.01
    (cells,) = choose_cells([errors(noise(64, 64), weight=weight)], 600)
    left = cells.column < 32
    assert left.sum() > 5 * (~left).sum()


def test_finer_thresholds_only_ever_split():
    layer = errors(noise(48, 48), weight=noise(48, 48, 5)[..., 0])
    counts = [len(layer.cells(threshold)) for threshold in 10.0 ** np.linspace(3, -6, 40)]
    assert counts == sorted(counts)
    assert counts[0] == 9
    assert counts[-1] == 48 * 48


def test_no_cell_is_larger_than_a_place_allows():
    flat, whole = np.zeros((48, 64, 3), np.float32), np.ones((48, 64), bool)
    largest = np.tile(np.arange(64, dtype=np.float32) / 2.0, (48, 1))
    (cells,) = choose_cells([CellErrors(flat, whole, np.ones((48, 64)), largest)], 3000)
    np.testing.assert_array_equal(covered(cells, whole.shape), 1)
    narrowest = np.maximum(cells.column / 2.0, 1.0)
    assert (cells.size <= narrowest).all()
    assert cells.size.max() == SIZES[-1]
