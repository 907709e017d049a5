"""Pixels on a line that show some of what stands beside it stand; those that do not, flow."""

import numpy as np
import pytest

from livescape.points.rim import standing_rim
from livescape.stages.layers import without_rim

SHAPE = (40, 60)
BOAT = np.array([0.8, 0.2, 0.2], np.float32)
WATER = np.array([0.2, 0.4, 0.6], np.float32)
EDGE = 30


def scene(share, noise=0.02):
    """A boat on the left; the first column of water shows ``share`` of it."""
    image = np.tile(WATER, (*SHAPE, 1))
    image += np.random.default_rng(0).normal(0.0, noise, (*SHAPE, 1)).astype(np.float32)
    image[:, :EDGE] = BOAT
    image[:, EDGE] += share * (BOAT - image[:, EDGE])
    moving = np.zeros(SHAPE, bool)
    moving[:, EDGE:] = True
    return image.clip(0.0, 1.0), moving


@pytest.mark.parametrize(("share", "stands"), [(0.0, False), (0.5, True), (0.9, True)])
def test_a_pixel_stands_if_it_shows_some_of_the_boat(share, stands):
    image, moving = scene(share)
    rim = standing_rim(image, moving, ~moving)
    assert rim[:, EDGE].mean() == pytest.approx(float(stands), abs=0.05)
    assert not rim[:, EDGE + 1 :].any()
    assert not rim[:, :EDGE].any()


def test_where_both_sides_look_alike_nothing_can_be_told():
    image, moving = scene(0.5)
    image[:] = WATER
    assert not standing_rim(image, moving, ~moving).any()


def test_beside_a_clear_sky_which_neither_moves_nor_stands_all_moves():
    image, moving = scene(0.5)
    assert not standing_rim(image, moving, np.zeros(SHAPE, bool)).any()


def test_water_before_a_still_sky_ends_where_the_sky_shows_through():
    image, moving = scene(0.5)
    sky, mask = ~moving, moving.astype(np.float32)
    depth = np.where(sky, 900.0, 10.0).astype(np.float32)
    stays, surface, beyond = without_rim(image, mask, depth, sky)
    assert beyond[:, EDGE].mean() > 0.95
    assert not stays[:, : EDGE + 1][beyond[:, : EDGE + 1]].any()
    assert (surface[beyond] == 900.0).all()
    assert (stays[:, EDGE + 1 :] == 1.0).all()


def test_water_before_a_sky_that_moves_too_keeps_its_edge():
    image, moving = scene(0.5)
    sky, mask = ~moving, np.ones(SHAPE, np.float32)
    depth = np.where(sky, 900.0, 10.0).astype(np.float32)
    stays, surface, beyond = without_rim(image, mask, depth, sky)
    for before, after in ((mask, stays), (depth, surface), (sky, beyond)):
        np.testing.assert_array_equal(before, after)
