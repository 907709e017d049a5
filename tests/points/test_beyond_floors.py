"""What stands at the frame's border goes on down to its foot, and a little into the floor."""

import numpy as np
import pytest
from tests.points.support import camera, slanted_depth

from livescape.points.beyond import surroundings
from livescape.points.beyond_floors import FOOT
from livescape.points.floor import fit_floor
from livescape.points.kinds import MOVING_FLOOR, STANDING
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
