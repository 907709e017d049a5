"""Refined motion to grids, and grids to trajectories that stay in the moving region."""

import numpy as np
import pytest
from tests.deform.support import DEPTH, HEIGHT, LOOP, PIXEL, RIGHT, VIEW, WIDTH, uniform_grid, wall
from tests.points.support import layer, layered

from livescape.cameras.projection import project_points
from livescape.deform.fields import sky_grid, surface_grid
from livescape.deform.trajectories import MotionGrid, moving_field
from livescape.motion.handover import fade_length
from livescape.points.cloud import point_cloud
from livescape_shared.conventions import FOR_EVER
from livescape_shared.gaussians import Gaussians


def test_a_uniform_motion_carries_every_gaussian_along_a_straight_line():
    grid = uniform_grid(speed=1.0, columns=(0, WIDTH))
    gaussians = wall((20, 40))
    field = moving_field(gaussians, grid, LOOP, 6)
    for s in (-1.0, -0.37, 0.5, 1.0):
        expected = gaussians.means + s * LOOP * PIXEL * RIGHT
        np.testing.assert_allclose(field.means_at(s), expected, atol=1e-4)
    np.testing.assert_array_equal(field.eye, VIEW.position.astype(np.float32))


def test_speed_in_pixels_a_frame_is_what_the_grid_says():
    field = moving_field(wall((24, 34)), uniform_grid(1.5), LOOP, 8)
    positions_u0, _ = project_points(field.frame(0, LOOP).means[: len(field)], VIEW)
    u0, _ = positions_u0.T
    positions_u1, _ = project_points(field.frame(1, LOOP).means[: len(field)], VIEW)
    u1, _ = positions_u1.T
    np.testing.assert_allclose(u1 - u0, 1.5, atol=0.1)


@pytest.mark.parametrize("loop", [False, True])
def test_a_gaussian_that_leaves_the_mask_vanishes_within_its_life_and_others_do_not(loop):
    grid = uniform_grid(1.5, columns=(16, 48), loop=loop)  # a loop carries 18 px
    leaving = moving_field(wall((40, 46)), grid, LOOP, 12)
    assert (leaving.life[:, 1] < 1.0).all()
    ends = np.maximum(leaving.life[:, 1] - leaving.fade / 2, leaving.fade / 2)
    assert (leaving.handover[:, 1] <= ends + 1e-6).all()
    staying = moving_field(wall((18, 26)), grid, LOOP, 12)
    assert (staying.life[:, 1] == 2.0).all()
    assert (staying.handover[:, 1] == FOR_EVER).all() != loop
    assert (staying.life[:, 0] > -1.0).all()  # but they came from outside
    assert len(staying.incoming) == len(staying)


def test_without_a_loop_only_what_comes_in_has_a_second_copy():
    grid = uniform_grid(1.5, columns=(16, 48), loop=False)
    everything = moving_field(wall((16, 48)), grid, LOOP, 12)
    comes_in = (everything.life[:, 0] > -1.0) & (everything.life[:, 0] <= -fade_length(LOOP) / 2)
    np.testing.assert_array_equal(everything.incoming, np.flatnonzero(comes_in))
    assert 0 < len(everything.incoming) < len(everything)
    assert len(everything.frame(3, LOOP).means) == len(everything) + comes_in.sum()


def test_in_a_loop_copies_change_at_the_moment_of_their_place():
    grid = uniform_grid(1.0, columns=(0, WIDTH))
    gaussians = wall((20, 40))
    field = moving_field(gaussians, grid, LOOP, 6)
    pixels, _ = project_points(gaussians.means, VIEW)
    wanted = np.interp(pixels[:, 1] - 0.5, np.arange(HEIGHT), grid.moments[:, 0])
    np.testing.assert_allclose(field.handover, np.column_stack([wanted, wanted]), atol=1e-4)


def test_without_motion_nothing_moves_and_nothing_sinks():
    grid = MotionGrid(
        np.zeros((HEIGHT, WIDTH, 3), np.float32), np.ones((HEIGHT, WIDTH), np.float32), VIEW
    )
    field = moving_field(wall(), grid, LOOP, 8)
    for s in (-1.0, 0.4, 1.0):
        np.testing.assert_allclose(field.means_at(s), field.gaussians.means, atol=1e-6)


def test_no_gaussians_give_an_empty_field():
    field = moving_field(Gaussians.empty(), uniform_grid(), LOOP, 5)
    assert len(field) == 0
    assert field.coefficients.shape == (5, 0, 3)
    assert field.life.shape == (0, 2)


def world():
    """Water below whose right half moves, sky above that goes on behind the water."""
    columns, rows = np.meshgrid(np.arange(WIDTH), np.arange(HEIGHT))
    water = layer(np.full((HEIGHT, WIDTH), DEPTH), valid=rows >= 20, moving=columns >= 32)
    plate = rows < 28
    sky = layer(np.full((HEIGHT, WIDTH), 200.0), "sky", plate, moving=0.8 * plate)
    photo = layered(water, sky, view=VIEW, margin=4)
    return photo, point_cloud(photo)


WATER, SKY = np.array([0.1, 0.2, 0.3], np.float32), np.array([5.0, 0.0, 1.0], np.float32)


def moved(cloud):
    return np.where(cloud.sky[:, None], SKY, WATER).astype(np.float32)


def test_the_surface_grid_ends_where_the_mask_ends_goes_on_beyond_the_frame_and_knows_no_sky():
    photo, cloud = world()
    grid = surface_grid(photo, cloud, moved(cloud))
    whole = grid.motion[20:, 32:]  # the frame ends four pixels before the grid does
    np.testing.assert_allclose(whole, WATER + np.zeros_like(whole), atol=1e-6)
    assert not grid.motion[:20].any()
    assert not grid.motion[:, :32].any()
    np.testing.assert_array_equal(grid.mask, photo.layers[0].moving * photo.layers[0].valid)


def test_the_sky_grid_goes_on_behind_the_skyline_and_knows_no_water():
    photo, cloud = world()
    motion = moved(cloud)
    motion[cloud.sky & ~cloud.seen] = 99.0  # invented sky must not be listened to
    grid = sky_grid(photo, cloud, motion)
    np.testing.assert_allclose(grid.motion[:28], SKY + np.zeros((28, WIDTH, 3)), atol=1e-4)
    assert not grid.motion[28:].any()
    np.testing.assert_allclose(grid.mask[:28], 0.8)


@pytest.mark.parametrize("make", [surface_grid, sky_grid])
def test_a_scene_without_the_layer_has_a_still_grid(make):
    name = "sky" if make is surface_grid else "front"
    photo = layered(layer(np.full((HEIGHT, WIDTH), 9.0), name), view=VIEW)
    cloud = point_cloud(photo)
    grid = make(photo, cloud, np.ones((len(cloud), 3), np.float32))
    assert not grid.motion.any()
    assert not grid.mask.any()
