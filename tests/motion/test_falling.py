import numpy as np
import pytest

from livescape.motion.falling import gathered_speed
from livescape.motion.speeds import FALL_LIP

HEIGHTS = np.linspace(8.0, 0.0, 64)[:, None] * np.ones((1, 40))
STEEP = np.zeros((64, 40), bool)
STEEP[4:60, 10:30] = True


def free_fall(rows):
    """Speed of water that arrives with 0.05 and gains as it falls."""
    return np.sqrt(0.05**2 + 2 * 0.002 * (8.0 - HEIGHTS[rows, 20]))


def hints(rows):
    return np.column_stack([np.full(len(rows), 20.5), np.array(rows) + 0.5])


def test_two_arrows_tell_how_water_gathers_speed_down_the_whole_fall():
    rows = [20, 45]
    field, own = gathered_speed(hints(rows), free_fall(np.array(rows)), STEEP, HEIGHTS)
    # Motion over what it is faster by: that of the hints' mean, everywhere.
    mean = free_fall(np.array(rows)) / own
    np.testing.assert_allclose(mean, mean[0], rtol=1e-9)
    down = np.arange(4, 60)
    np.testing.assert_allclose(field[down, 20] * mean[0], free_fall(down), rtol=1e-6)
    assert (field[~STEEP] == 1.0).all()


def test_one_arrow_is_the_speed_at_its_place_and_falls_in_general_do_the_rest():
    field, own = gathered_speed(hints([30]), np.array([0.1]), STEEP, HEIGHTS)
    np.testing.assert_allclose(field[30, 20], own[0])
    assert own[0] == 1.0
    lip, foot = field[4, 20], field[59, 20]
    np.testing.assert_allclose(lip / foot, FALL_LIP / np.sqrt(FALL_LIP**2 + 1.0), rtol=1e-6)


@pytest.mark.parametrize("speeds", [[0.1, -0.1], [0.2, 0.1]])
def test_what_rises_or_slows_down_gathers_no_speed(speeds):
    field, own = gathered_speed(hints([20, 45]), np.array(speeds), STEEP, HEIGHTS)
    assert (field == 1.0).all()
    assert (own == 1.0).all()


def test_a_fall_without_an_arrow_is_left_alone():
    two = STEEP.copy()
    two[:, 35:] = True
    field, _ = gathered_speed(hints([20, 45]), free_fall(np.array([20, 45])), two, HEIGHTS)
    assert (field[:, 35:] == 1.0).all()
    assert (field[30:40, 20] != 1.0).any()
