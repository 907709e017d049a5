"""What flows past the foot of a rock does not reach over it; nothing else changes."""

from dataclasses import replace

import numpy as np
import pytest
from tests.deform.support import DEPTH, HEIGHT, LOOP, PIXEL, VIEW, WIDTH, uniform_grid, wall
from tests.points.support import layer, layered

from livescape.cameras.projection import project_points
from livescape.deform.feet import EVERY, SHORTEST
from livescape.deform.trajectories import moving_field
from livescape.points.feet import feet_of
from livescape_shared.conventions import window

ROCK = 48
SPEED = 1.5
WATER = np.broadcast_to((np.arange(WIDTH) < ROCK) & (np.arange(WIDTH) >= 16), (HEIGHT, WIDTH))


def feet(nearer=1.0):
    """A rock right of the water, ``nearer`` times as far away as that."""
    depth = np.where(WATER, DEPTH, DEPTH * nearer)
    return feet_of(layered(layer(depth, moving=WATER.astype(float)), view=VIEW))


def field(gaussians, feet, *, loop=True):
    grid = replace(uniform_grid(SPEED, loop=loop), feet=feet)
    return moving_field(gaussians, grid, LOOP, 6)


def reaches(moving, index):
    """Return how far [N] copies reach to the right, and how far [N] they are from the rock."""
    copies, frame = moving.all_copies(), moving.frame(index, LOOP)
    shown = window(copies.windows, index / LOOP, moving.fade) > 0.0
    columns = project_points(frame.means, VIEW)[0][:, 0]
    return frame.scales[shown, 0] / PIXEL, ROCK + 0.5 - columns[shown]


@pytest.mark.parametrize("loop", [True, False])
def test_what_comes_to_a_rock_reaches_no_farther_than_its_foot(loop):
    coarse = wall((16, ROCK - 8), step=8)  # 4.8 pixels wide, and none reaches the rock at first
    free, held = (field(coarse, each, loop=loop) for each in (None, feet()))
    over = 0
    for index in range(LOOP + 1):
        sizes, room = reaches(free, index)
        over += np.count_nonzero(sizes > np.maximum(room, SHORTEST) + 1.0)
        sizes, room = reaches(held, index)
        # Between the frames that are looked at, and within a pixel, some more passes.
        assert (sizes <= np.maximum(room, SHORTEST) + 1.0 + EVERY * SPEED).all()
    assert over > 0
    shorter = held.gaussians.scales / free.gaussians.scales
    assert shorter[:, 0].min() < 0.6
    np.testing.assert_allclose(shorter[:, 1:], 1.0, atol=0.02)  # along the rock and across


def test_what_stays_away_from_what_stands_and_what_passes_behind_it_keeps_its_size():
    fine, coarse = wall((16, ROCK), step=2), wall((16, ROCK - 8), step=8)
    for gaussians, stands in ((fine, feet()), (coarse, feet(nearer=0.5))):
        held = field(gaussians, stands)
        np.testing.assert_array_equal(held.gaussians.scales, gaussians.scales)


def test_what_reaches_over_a_foot_at_first_may_go_on_to_do_so():
    at_rock = wall((ROCK - 8, ROCK), step=8)
    resting = replace(uniform_grid(0.0), feet=feet())
    held = moving_field(at_rock, resting, LOOP, 6)
    np.testing.assert_array_equal(held.gaussians.scales, at_rock.scales)


def test_where_nothing_stands_there_are_no_feet():
    everywhere = layer(np.full((HEIGHT, WIDTH), DEPTH), moving=np.ones((HEIGHT, WIDTH)))
    assert feet_of(layered(everywhere, view=VIEW)) is None


def test_what_leaves_the_picture_has_no_foot_to_pass():
    water = wall((16, ROCK - 8), step=8)
    beyond = replace(water, means=water.means + 100.0)
    held = field(beyond, feet())
    np.testing.assert_array_equal(held.gaussians.scales, beyond.scales)
