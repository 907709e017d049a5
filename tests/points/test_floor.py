"""The plane on which a scene stands."""

import numpy as np
import pytest
from tests.points.support import camera, slanted_depth

from livescape.points.floor import fit_floor

WIDTH, HEIGHT = 160, 120
VIEW = camera(WIDTH, HEIGHT, 330.0)
NO_SKY = np.zeros((HEIGHT, WIDTH), bool)
FOOT = 100
"""Row in which the fall ends."""


@pytest.mark.parametrize("upwards", [0.0, 0.1])
def test_the_floor_is_the_pool_and_not_halfway_to_its_fall(upwards):
    pool = slanted_depth(VIEW, (0, 1, -upwards), 2.0)
    depth, moving = pool.copy(), np.zeros((HEIGHT, WIDTH), np.float32)
    depth[:FOOT] = pool[FOOT]
    moving[FOOT:], moving[:FOOT, 50:100] = 1.0, 1.0
    floor = fit_floor(depth, NO_SKY, moving, VIEW)
    assert floor is not None
    np.testing.assert_allclose(1.0 / floor.on_grid(VIEW)[FOOT:], pool[FOOT:], rtol=1e-3)
