"""Floors go on below the frame, and what stands at its border down to its foot."""

import numpy as np
import pytest
from tests.points.support import camera, slanted_depth

from livescape.points.beyond import surroundings
from livescape.points.beyond_floors import FOOT, with_floors
from livescape.points.beyond_sides import mirrored
from livescape.points.floor import fit_floor
from livescape.points.kinds import MOVING_FLOOR, STANDING, STILL_FLOOR
from livescape.points.margins import Margins

WIDTH, HEIGHT = 160, 120
VIEW = camera(WIDTH, HEIGHT, 150.0)
MARGINS = Margins(8, 8, 8, 24)
NO_SKY = np.zeros((HEIGHT, WIDTH), bool)
WATER = slanted_depth(VIEW, (0, 0.9, 0.44), 3.0)
ROCK = np.s_[60:HEIGHT, 60:100]


def around_rock(foot):
    """Water, and a rock that stands upright on the water's row ``foot``."""
    depth, moving = WATER.copy(), np.ones((HEIGHT, WIDTH), np.float32)
    row = WATER[-2, 80] - WATER[-1, 80]
    depth[ROCK], moving[ROCK] = WATER[-1, 80] - row * (foot - HEIGHT + 1), 0.0
    floor = fit_floor(depth, NO_SKY, moving, VIEW)
    assert floor is not None
    return surroundings(depth, NO_SKY, moving, floor, VIEW, MARGINS)


@pytest.mark.parametrize("foot", [HEIGHT - 1, HEIGHT + 4])
def test_a_foot_is_not_at_the_border(foot):
    around = around_rock(foot)
    column = MARGINS.left + 80
    below = around.kinds[MARGINS.top + HEIGHT :, column]
    stands = int((below == STANDING).argmin())
    assert (below[stands:] == MOVING_FLOOR).all()
    assert FOOT - 1 <= stands <= foot - HEIGHT + 1 + FOOT + 2
    there = around.depth[MARGINS.top + HEIGHT :, column]
    beside = around.depth[MARGINS.top + HEIGHT :, MARGINS.left + 20]
    assert (there[:stands] < beside[:stands]).all()  # it is before the water that goes on under it
    np.testing.assert_allclose(there[stands:], beside[stands:], rtol=0.02)


RAISED = slanted_depth(VIEW, (0, 0.9, 0.44), 2.6)
"""What lies as flat as the water, somewhat higher."""


def around_flat(part):
    """Water, and still ground on some ``part`` of the photo."""
    depth, moving = WATER.copy(), np.ones((HEIGHT, WIDTH), np.float32)
    depth[part], moving[part] = RAISED[part], 0.0
    floor = fit_floor(depth, NO_SKY, moving, VIEW)
    assert floor is not None
    return surroundings(depth, NO_SKY, moving, floor, VIEW, MARGINS)


@pytest.mark.parametrize("columns", [slice(60, 100), slice(30, 90)])
def test_the_flat_top_of_a_rock_ends_in_the_water(columns):
    around = around_flat(np.s_[HEIGHT - 14 :, columns])
    last = around.kinds[-1, MARGINS.left : MARGINS.left + WIDTH]
    assert (last == MOVING_FLOOR).all()


@pytest.mark.parametrize(
    "part",
    [np.s_[30:, 74:86], np.s_[HEIGHT - 14 :, :40], np.s_[HEIGHT - 14 :, 20:140]],
    ids=["a pier", "a bank", "where one stands"],
)
def test_ground_goes_on_below_the_frame(part):
    around = around_flat(part)
    shown = np.zeros((HEIGHT, WIDTH), bool)
    shown[part] = True
    columns = MARGINS.left + np.flatnonzero(shown[-1])
    assert (around.kinds[-1, columns[2:-2]] == STILL_FLOOR).all()


def test_no_water_runs_along_a_bank_beside_the_frame():
    row = 60  # where the shore leaves, a pixel at the border is neither
    rows, columns = np.indices((HEIGHT, WIDTH))
    kinds = np.where(rows > row + 0.5 * (columns - WIDTH), MOVING_FLOOR, STILL_FLOOR)
    kinds = kinds.astype(np.uint8)
    kinds[row, -1] = STANDING
    moving = (kinds == MOVING_FLOOR).astype(np.float32)
    floor = fit_floor(WATER, NO_SKY, moving, VIEW)
    around = mirrored(kinds, WATER, moving, floor, MARGINS)
    around = with_floors(around, kinds, WATER, floor, VIEW, MARGINS)
    beside = around.kinds[MARGINS.top : MARGINS.top + row + 2, MARGINS.left + WIDTH + 3 :]
    assert (beside == STILL_FLOOR).all()
