"""Water goes on under a post, as water, and behind what the photo shows; a bank is its end."""

import numpy as np
import pytest
from tests.contexts import here
from tests.points.support import camera, layer, layered, slanted_depth, texture, turned

from livescape.deform.fields import drawn_behind, surface_grid
from livescape.points.cloud import point_cloud
from livescape.points.layers import MOVES, build_layers
from livescape.points.surfels import surface_normals
from livescape.points.under import BEFORE, ROWS, moving_under, shore

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
    depth[:, :bank] *= 0.9
    moving[:, :bank], image[:, :bank] = 0.0, RED
    return image.astype(np.float32), depth, moving


def scene():
    image, depth, moving = post_in_water()
    return build_layers(here(), image, depth, NO_SKY, moving, VIEW, PATH)


def cropped(values, photo):
    return values[photo.margins.photo(values.shape)]


def found_under(depth, moving):
    return moving_under((1.0 / depth).astype(np.float32), NO_SKY, moving, MOVES, WIDTH)


def test_water_goes_on_under_a_post_with_its_own_depth_colour_and_motion():
    photo = scene()
    under = photo.layer("under")
    hidden = cropped(under.valid, photo)
    assert hidden[POST].mean() > 0.9
    assert hidden[post_in_water()[2] > 0].sum() == 0
    np.testing.assert_allclose(cropped(under.depth, photo)[hidden], WATER[hidden], rtol=0.002)
    assert (cropped(under.moving, photo)[hidden] > 0.9).all()
    assert cropped(under.image, photo)[hidden][:, 0].max() < 0.1  # none of the post's red


def test_the_water_behind_a_post_is_there_once():
    photo = scene()
    under = photo.layer("under")
    for other in photo.layers:
        if other.name == "behind":
            assert not (other.valid & under.valid).any()


def test_a_boat_goes_on_behind_a_post_in_its_own_colour_and_depth():
    image, depth, moving = post_in_water()
    boat = np.zeros((HEIGHT, WIDTH), bool)
    boat[25:45, 60:100] = True
    boat[POST] = False
    depth[boat], image[boat], moving[boat] = WATER[44, 80], (0.0, 0.0, 1.0), 0.0
    photo = build_layers(here(), image, depth, NO_SKY, moving, VIEW, PATH)
    behind = photo.layer("behind")
    shown, far, colours = (
        cropped(each, photo)[POST] for each in (behind.valid, behind.depth, behind.image)
    )
    assert shown[8:22].all()
    assert not shown[28:].any()  # below it, nothing of it hides in the water
    assert colours[8:22, :, :2].max() < 0.1
    np.testing.assert_allclose(far[8:22], WATER[44, 80], rtol=0.01)


def test_a_post_beside_a_post_ends_there_and_a_row_of_them_is_no_wall():
    image, depth, moving = post_in_water()
    row = (np.s_[15:50, 84:88], 49), (np.s_[10:40, 88:91], 39), (np.s_[8:35, 91:93], 34)
    for post, foot in row:
        depth[post], image[post], moving[post] = WATER[foot, 80], RED, 0.0
    photo = build_layers(here(), image, depth, NO_SKY, moving, VIEW, PATH)
    behind = photo.layer("behind")
    shown, far = (cropped(each, photo)[25:45, 76:84] for each in (behind.valid, behind.depth))
    assert shown[:, -1].all()
    assert not shown[:, :-1].any()
    np.testing.assert_allclose(far[shown], WATER[49, 80], rtol=0.01)


def test_no_water_shows_through_a_rock_whose_foot_meets_the_outline_of_the_next():
    image, depth, moving = post_in_water()
    back = np.s_[10:22, 70:90]
    depth[back], image[back], moving[back] = WATER[21, 80], RED, 0.0
    depth[POST], image[POST], moving[POST] = WATER[69, 80], (0.0, 0.0, 1.0), 0.0
    photo = build_layers(here(), image, depth, NO_SKY, moving, VIEW, PATH)
    behind, under = (photo.layer(name) for name in ("behind", "under"))
    outline = POST[0].start
    top = np.s_[outline : outline + 5, POST[1]]
    rock, wet = (cropped(each.valid, photo)[top] for each in (behind, under))
    assert rock[:3].all()  # it goes on as far as what passes could reach over the outline
    assert not wet[:3].any()
    assert wet[3:].all()
    np.testing.assert_allclose(cropped(behind.depth, photo)[top][rock], WATER[21, 80], rtol=0.01)


def test_a_bank_and_what_lies_at_the_waters_own_depth_are_not_gone_under():
    _, depth, moving = post_in_water(bank=40)
    found = found_under(depth, moving)
    assert found is not None
    disparity, _, hidden, _ = found
    assert not hidden[:, :40].any()
    assert (1.0 / disparity[hidden] >= 0.999 * BEFORE * depth[hidden]).all()
    _, _, moving = post_in_water()
    assert found_under(WATER, moving) is None  # a patch of weed on the water is no object


@pytest.mark.parametrize("moving", [0.0, 1.0])
def test_where_all_moves_or_nothing_there_is_nothing_under(moving):
    assert found_under(WATER, np.full((HEIGHT, WIDTH), moving, np.float32)) is None


def test_what_flows_goes_on_behind_the_post():
    photo = scene()
    cloud = point_cloud(photo)
    motion = np.tile(np.array([0.01, 0.0, 0.0], np.float32), (len(cloud), 1))
    grid = surface_grid(photo, cloud, motion)
    hidden = photo.layer("under").valid
    assert (grid.mask[hidden] > 0.9).all()
    np.testing.assert_allclose(grid.motion[hidden], motion[: hidden.sum()], atol=5e-5)


def test_nothing_stops_on_the_line_between_the_water_before_and_under_the_post():
    photo = scene()
    cloud = point_cloud(photo)
    motion = np.tile(np.array([0.01, 0.0, 0.0], np.float32), (len(cloud), 1))
    grid = surface_grid(photo, cloud, motion)
    moves = np.max([each.moving * each.valid for each in photo.layers], axis=0) > MOVES
    assert not cropped(moves, photo)[POST].all()  # at its foot the post is as far as the water
    assert cropped(grid.mask, photo)[POST].min() > 0.9
    np.testing.assert_allclose(cropped(grid.motion, photo)[POST][..., 0], 0.01, atol=5e-5)


def test_hidden_water_keeps_to_its_surface_whatever_moves_around_it():
    photo = scene()
    cloud = point_cloud(photo)
    motion = np.tile(np.array([0.01, -0.02, -0.03], np.float32), (len(cloud), 1))
    grid = surface_grid(photo, cloud, motion)
    normal = np.median(surface_normals(photo)[cloud.moving > MOVES], axis=0)
    hidden = photo.layer("under").valid
    assert np.abs(motion[0] @ normal) > 0.01
    assert np.abs(grid.motion[hidden] @ normal).max() < 1e-3
    along = motion[0] - (motion[0] @ normal) * normal
    np.testing.assert_allclose(np.median(grid.motion[hidden], axis=0), along, atol=1e-3)


def parting(pixels=1.0):
    """Water with a bank of 40 columns, whose depth is WATER's too; ``pixels`` per unit it moves."""
    moving = np.ones((HEIGHT, WIDTH), np.float32)
    moving[:, :40] = 0.0
    moved = np.full((HEIGHT, WIDTH), pixels, np.float32)
    found = shore(WATER, moving, NO_SKY, MOVES, WIDTH, lambda _: moved)
    assert found is not None
    return found


def test_a_bank_lies_two_rows_before_the_water_that_meets_it_and_nothing_else_moves():
    found = parting().nearer(WATER, NO_SKY)
    np.testing.assert_array_equal(found[:, 40:], WATER[:, 40:])
    np.testing.assert_array_equal(found[:, :30], WATER[:, :30])
    nearer, row = 1.0 / found - 1.0 / WATER, np.diff(1.0 / WATER, axis=0).mean()
    assert (nearer[2:-2, 39] > 0.5 * ROWS * row).all()
    assert nearer.max() < 1.01 * ROWS * row


def test_water_that_meets_a_rock_has_rows_as_deep_as_elsewhere():
    _, depth, moving = post_in_water()
    depth[POST] *= 0.97  # it leans towards the water before it
    found = shore(depth, moving, NO_SKY, MOVES, WIDTH, lambda _: np.zeros_like(depth))
    row = np.diff(1.0 / WATER, axis=0).mean()
    np.testing.assert_allclose(found.inner_rows, ROWS * row, rtol=0.01)
    under = found.behind(WATER)
    farther = (1.0 - 1.0 / under) / WATER
    np.testing.assert_allclose(farther[66:72, 74:86], ROWS * row, rtol=0.01)


def test_on_a_far_move_what_stands_at_the_water_keeps_its_place_in_the_picture():
    found = parting(2000.0)
    parted = found.nearer(WATER, NO_SKY), WATER * found.behind(WATER)
    for depth in parted:
        out_of_place = 2000.0 * np.abs(1.0 / depth - 1.0 / WATER)
        assert 0.3 < out_of_place.max() < 0.51


def test_water_that_comes_out_from_under_a_rock_that_leans_back_is_not_before_its_foot():
    """A rock as flat as the water's surface itself: four rows up its face, it still is nearer."""
    found = parting()
    rock, water = found.nearer(WATER, NO_SKY)[:, 39], (WATER * found.behind(WATER))[:, 39]
    rows = 3
    inner = slice(4, -4)
    assert (rock[inner] < np.roll(water, -rows)[inner]).all()
    assert not (WATER[inner, 39] < np.roll(WATER[:, 39], -rows)[inner]).any()
    assert found.behind(np.full_like(WATER, 1e4)).max() < 1.051  # its still copies are behind it


TOWARDS, ASIDE = (0.0, 0.003, -0.004), (0.005, 0.0, 0.0)
"""Metres a frame along the water: to its viewer, down in the picture, and along its rows."""


def drawn(motion):
    """How many times as far what comes out from under the post is drawn, where the photo is."""
    photo = scene()
    cloud = point_cloud(photo)
    flow = np.tile(np.float32(motion), (len(cloud), 1)) * (cloud.moving > MOVES)[:, None]
    surface = surface_grid(photo, cloud, flow)
    assert surface.behind is None
    return cropped(drawn_behind(photo, surface).behind, photo)


def test_water_that_comes_out_from_under_a_foot_is_drawn_behind_its_surface_until_it_is_clear():
    behind = drawn(TOWARDS)
    row = np.diff(1.0 / WATER, axis=0).mean()
    deeper = 1.0 / WATER - 1.0 / (WATER * behind)
    under = np.s_[40:68, 78:82]
    assert (deeper[under] > 0.9 * row).all()
    assert (deeper[under] < 1.1 * ROWS * row).all()
    assert (deeper[70:72, 78:82] > 0.9 * row).all()  # before the foot it still reaches up to it
    np.testing.assert_allclose(behind[85:, 76:84], 1.0, atol=1e-6)
    np.testing.assert_allclose(behind[20:70, :60], 1.0, atol=1e-6)


def test_water_that_comes_out_beside_a_post_keeps_to_its_surface():
    np.testing.assert_allclose(drawn(ASIDE)[40:60], 1.0, atol=2e-3)


def test_the_waters_normals_are_not_measured_across_the_post_between_two_posts():
    """A gap one pixel wide between posts: only its own column tells how the water lies."""
    depth, moving = WATER.copy(), np.ones((HEIGHT, WIDTH))
    for post in (np.s_[20:70, 70:80], np.s_[20:70, 81:90]):
        depth[post], moving[post] = 2.0, 0.0
    normals = surface_normals(layered(layer(depth, moving=moving), view=VIEW))
    gap = normals.reshape(HEIGHT, WIDTH, 3)[30:60, 80]
    expected = np.array([0.0, 0.8, 0.6])
    assert (np.abs(gap @ expected) > 0.999).all()


def test_a_strip_of_one_row_between_two_rocks_lies_as_the_water_around_does():
    depth, moving = WATER.copy(), np.ones((HEIGHT, WIDTH))
    for rock in (np.s_[30:50, 60:100], np.s_[51:70, 60:100]):
        depth[rock], moving[rock] = 2.0, 0.0
    normals = surface_normals(layered(layer(depth, moving=moving), view=VIEW))
    strip = normals.reshape(HEIGHT, WIDTH, 3)[50, 60:100]
    assert (np.abs(strip @ np.array([0.0, 0.8, 0.6])) > 0.999).all()
