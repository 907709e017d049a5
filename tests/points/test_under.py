"""Water goes on under a post, a boat and its bank, as water, and behind what the photo shows."""

import numpy as np
import pytest
from tests.contexts import here
from tests.points.support import camera, layer, layered, slanted_depth, texture, turned

from livescape.points.layers import build_layers
from livescape.points.surfels import surface_normals
from livescape.points.under import BELOW, moving_under, shore_depth

WIDTH, HEIGHT, FOCAL = 160, 120, 150.0
VIEW = camera(WIDTH, HEIGHT, FOCAL)
PATH = [camera(WIDTH, HEIGHT, FOCAL, turned(position=(x, 0, 0))) for x in (-0.2, 0.2)]
NO_SKY = np.zeros((HEIGHT, WIDTH), bool)
WATER = slanted_depth(VIEW, (0, 0.8, 0.6), 3.0)
POST = np.s_[20:70, 76:84]
RED = np.array([1.0, 0.0, 0.0], np.float32)


def post_in_water(bank=0):
    """Image, depth and mask of a post, upright on its foot, with ``bank`` columns of land."""
    image = texture(HEIGHT, WIDTH) * np.array([0.0, 0.8, 0.8], np.float32)
    depth, moving = WATER.copy(), np.ones((HEIGHT, WIDTH), np.float32)
    depth[POST], image[POST], moving[POST] = WATER[69, 80], RED, 0.0
    moving[:, :bank], image[:, :bank] = 0.0, RED
    return image.astype(np.float32), depth, moving


def cropped(values, photo):
    return values[photo.margins.photo(values.shape)]


def test_water_goes_on_under_a_post_with_its_own_depth_colour_and_motion():
    photo = build_layers(here(), *post_in_water()[:2], NO_SKY, post_in_water()[2], VIEW, PATH)
    under = photo.layer("under")
    hidden = cropped(under.valid, photo)
    assert hidden[POST].mean() > 0.95
    assert hidden[NO_SKY | (post_in_water()[2] > 0)].sum() == 0
    inside = hidden & (WATER > 1.02 * WATER[69, 80])
    np.testing.assert_allclose(cropped(under.depth, photo)[inside], WATER[inside], rtol=0.02)
    assert (cropped(under.moving, photo)[hidden] > 0.9).all()
    assert cropped(under.image, photo)[hidden][:, 0].max() < 0.1  # none of the post's red


def test_what_it_hides_is_always_farther_than_what_stands_before_it():
    _, depth, moving = post_in_water(bank=40)
    found = moving_under((1.0 / depth).astype(np.float32), NO_SKY, moving, WIDTH)
    assert found is not None
    disparity, _, hidden, _ = found
    assert hidden[:, 36:40].mean() > 0.95  # below the bank's edge
    assert not hidden[:, :30].any()  # and no farther
    assert (1.0 / disparity[hidden] >= 0.999 * BELOW * depth[hidden]).all()


@pytest.mark.parametrize("moving", [0.0, 1.0])
def test_where_all_moves_or_nothing_there_is_nothing_under(moving):
    mask = np.full((HEIGHT, WIDTH), moving, np.float32)
    assert moving_under((1.0 / WATER).astype(np.float32), NO_SKY, mask, WIDTH) is None


def test_a_bank_lies_before_the_water_that_meets_it_and_nothing_else_moves():
    _, depth, moving = post_in_water(bank=40)
    found = shore_depth(depth, moving, NO_SKY, WIDTH)
    np.testing.assert_array_equal(found[moving > 0], depth[moving > 0])
    np.testing.assert_array_equal(found[:, :30], depth[:, :30])
    nearer = depth / found
    assert (nearer[:, 39] > 1.005).all()
    assert nearer.max() <= BELOW + 1e-3


def test_the_waters_normals_are_not_measured_across_the_post_between_two_posts():
    """A gap one pixel wide between posts: only its own column tells how the water lies."""
    depth, moving = WATER.copy(), np.ones((HEIGHT, WIDTH))
    for post in (np.s_[20:70, 70:80], np.s_[20:70, 81:90]):
        depth[post], moving[post] = 2.0, 0.0
    normals = surface_normals(layered(layer(depth, moving=moving), view=VIEW))
    gap = normals.reshape(HEIGHT, WIDTH, 3)[30:60, 80]
    expected = np.array([0.0, 0.8, 0.6])
    assert (np.abs(gap @ expected) > 0.999).all()
