"""Slopes go on as slopes."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from livescape.imaging.planar import fill_planar

HEIGHT, WIDTH = 70, 110
ROWS, COLUMNS = np.mgrid[:HEIGHT, :WIDTH].astype(np.float32)


def slope(a=0.3, b=0.01, c=-0.02):
    return (a + b * COLUMNS / WIDTH + c * ROWS / HEIGHT).astype(np.float32)


@settings(max_examples=40, deadline=None)
@given(st.floats(0.1, 1.0), st.floats(-0.5, 0.5), st.floats(-0.5, 0.5), st.integers(0, 99))
def test_a_plane_stays_a_plane_across_any_holes(a, b, c, seed):
    rng = np.random.default_rng(seed)
    valid = np.ones((HEIGHT, WIDTH), bool)
    for _ in range(3):
        top, left = rng.integers(0, 40), rng.integers(0, 80)
        valid[top : top + 28, left : left + 28] = False
    plane = slope(a, b, c)
    filled = fill_planar(np.where(valid, plane, 9.0).astype(np.float32), valid)
    np.testing.assert_array_equal(filled[valid], plane[valid])
    np.testing.assert_allclose(filled, plane, atol=0.004)


def test_it_continues_beyond_a_strip_of_few_pixels():
    valid = np.zeros((HEIGHT, WIDTH), bool)
    valid[:, 40:48] = True
    near = np.s_[:, 10:80]
    filled = fill_planar(slope(b=0.5), valid)
    np.testing.assert_allclose(filled[near], slope(b=0.5)[near], atol=0.03)
    assert filled.min() > 0.25  # and fades out where nothing is known
    assert filled.max() < 0.85


def test_along_a_line_only_the_line_s_own_slope_goes_on():
    """One column says nothing of the slope across it."""
    valid = np.zeros((HEIGHT, WIDTH), bool)
    valid[:, 50] = True
    filled = fill_planar(slope(b=0.5, c=0.4), valid)
    expected = np.broadcast_to(slope(b=0.5, c=0.4)[:, 50:51], filled.shape)
    np.testing.assert_allclose(filled, expected, atol=0.02)


def test_each_hole_follows_its_own_surroundings():
    values = np.where(COLUMNS < 55, 0.2 + 0.002 * ROWS, 0.9 - 0.002 * ROWS).astype(np.float32)
    holes = np.zeros((HEIGHT, WIDTH), bool)
    holes[30:40, 15:25] = holes[30:40, 85:95] = True
    filled = fill_planar(values, ~holes)
    np.testing.assert_allclose(filled[holes], values[holes], atol=0.01)


def test_a_pool_goes_on_flat_under_its_rocks_beside_a_fall():
    """The pool is a floor, the fall behind it a wall that flows as well."""
    floor, wall = slope(0.1, 0.0, 0.3), np.float32(0.19)
    values = np.where(ROWS < 22, wall, floor)
    rocks = np.zeros((HEIGHT, WIDTH), bool)
    for left in (15, 60):
        rocks[30:46, left : left + 35] = True
    filled = fill_planar(values, ~rocks)
    row = 0.3 / HEIGHT
    np.testing.assert_allclose(filled[rocks], floor[rocks], atol=0.15 * row)


@pytest.mark.parametrize("shape", [(1, 1), (2, 3), (40, 5)])
def test_nothing_and_everything_valid(shape):
    values = np.full(shape, 0.7, np.float32)
    np.testing.assert_array_equal(fill_planar(values, np.zeros(shape, bool)), 0.0)
    np.testing.assert_array_equal(fill_planar(values, np.ones(shape, bool)), values)
