"""Refined motion to grids, and grids to trajectories that stay in the moving region."""

from dataclasses import replace

import numpy as np
import pytest
from tests.deform.support import DEPTH, HEIGHT, LOOP, PIXEL, RIGHT, VIEW, WIDTH, uniform_grid, wall
from tests.points.support import camera, layer, layered

from livescape.cameras.projection import project_points, unproject_points
from livescape.deform.fields import sky_grid, surface_grid
from livescape.deform.trajectories import MotionGrid, moving_field, straight_on
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


def falling_into_a_pool(fast=3.0, slow=0.25, foot=30):
    """A wall on which water falls, down to a row below which it hardly flows, and aside."""
    down, aside = np.array([0.0, 0.0, -1.0]), np.array([1.0, 0.0, 0.0])
    upright = np.array([[1, 0, 0, 0], [0, 0, -1, 0], [0, 1, 0, 0], [0, 0, 0, 1.0]])
    view = camera(WIDTH, HEIGHT, 60.0, upright)
    motion = np.zeros((HEIGHT, WIDTH, 3), np.float32)
    motion[:foot], motion[foot:] = fast * PIXEL * down, slow * PIXEL * aside
    return MotionGrid(motion, np.ones((HEIGHT, WIDTH), np.float32), view)


def test_a_fall_is_as_fast_as_it_is_right_down_to_its_foot_and_there_until_it_has_arrived():
    fast, foot, frames = 3.0, 30, 24
    grid = falling_into_a_pool(fast, foot=foot)
    rows = np.arange(4, foot, 2)
    places = np.column_stack([np.full(len(rows), 32.5), rows + 0.5])
    means = unproject_points(places, np.full(len(rows), DEPTH), grid.camera).astype(np.float32)
    field = moving_field(replace(wall()[: len(rows)], means=means), grid, frames, 8)
    for frame in range(1, 9):
        at = project_points(field.means_at(frame / frames), grid.camera)[0][:, 1]
        still_falls = rows + 0.5 + fast * frame < foot
        expected = rows + 0.5 + fast * frame
        np.testing.assert_allclose(at[still_falls], expected[still_falls], atol=0.05)
        gone = field.handover[:, 1] + field.fade / 2 <= frame / frames
        fades = field.handover[:, 1] - field.fade / 2 < frame / frames - 1e-6
        assert not (still_falls & fades).any()
        long_since = expected > foot + 3.5 * fast
        assert gone[long_since].all()


def test_beyond_its_life_a_way_goes_straight_on_and_within_it_is_as_it_was():
    random = np.random.default_rng(1)
    ways = random.normal(size=(13, 5, 3)).astype(np.float32)
    steps = np.float32([[-12, 12], [-12, 4], [-3, 12], [0, 0], [-2, 5]])
    found = straight_on(ways, steps / 6)
    for m, (first, last) in enumerate(np.clip(steps, -6, 6).astype(int)):
        first, last = min(first, -1), max(last, 1)  # at least one step tells where to
        inside = slice(6 + first, 7 + last)
        np.testing.assert_array_equal(found[inside, m], ways[inside, m])
        for end, beyond in ((6 + first, range(6 + first)), (6 + last, range(7 + last, 13))):
            inward = 1 if end < 6 else -1
            way = ways[end, m] - ways[end + inward, m]
            for step in beyond:
                expected = ways[end, m] + abs(step - end) * way
                np.testing.assert_allclose(found[step, m], expected, atol=1e-4)


def test_what_is_drawn_behind_its_surface_looks_the_same_from_the_photos_camera_all_the_time():
    grid = uniform_grid(1.0, columns=(0, WIDTH), loop=False)
    here = moving_field(wall((16, 48)), grid, LOOP, 8)
    behind = np.linspace(1.04, 1.0, WIDTH, dtype=np.float32)[None].repeat(HEIGHT, 0)
    there = moving_field(wall((16, 48)), replace(grid, behind=behind), LOOP, 8)
    for s in (-0.6, 0.0, 0.3, 1.0):
        seen, depth = project_points(here.means_at(s), VIEW)
        same, farther = project_points(there.means_at(s), VIEW)
        np.testing.assert_allclose(same, seen, atol=1e-2)
        expected = np.interp(seen[:, 0] - 0.5, np.arange(WIDTH), behind[0])
        np.testing.assert_allclose(farther / depth, expected, atol=1e-3)
    columns = project_points(here.gaussians.means, VIEW)[0][:, 0]
    expected = np.interp(columns - 0.5, np.arange(WIDTH), behind[0])
    ratio = there.gaussians.scales / here.gaussians.scales
    np.testing.assert_allclose(ratio, expected[:, None] + np.zeros((1, 3)), rtol=1e-5)
    np.testing.assert_array_equal(there.handover, here.handover)


def test_the_sky_flows_as_it_is_seen_to_and_keeps_the_order_in_which_it_is_drawn():
    grid = uniform_grid(1.0, columns=(0, WIDTH), loop=False)
    nearer = 0.4 * PIXEL * VIEW.viewmat[2, :3].astype(np.float32)
    grid = replace(grid, motion=grid.motion - nearer)
    surface = moving_field(wall((16, 48)), grid, LOOP, 8)
    sky = moving_field(wall((16, 48)), replace(grid, keeps_depth=True), LOOP, 8)
    for s in (0.0, 0.3, 1.0):
        seen, depth = project_points(surface.means_at(s), VIEW)
        same, kept = project_points(sky.means_at(s), VIEW)
        np.testing.assert_allclose(same, seen, atol=2e-2)
        np.testing.assert_allclose(kept, DEPTH, rtol=1e-4)
        assert (depth < DEPTH - 1e-3).all() == (s > 0.0)


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


def test_a_row_or_two_of_pool_below_a_fall_flow_as_a_pool_and_one_row_of_noise_does_not():
    falls, flows = np.float32([0.0, 0.0, -0.3]), np.float32([0.1, 0.0, 0.0])
    water = np.zeros((HEIGHT, WIDTH), bool)
    water[4:34] = True
    photo = layered(layer(np.full((HEIGHT, WIDTH), DEPTH), valid=water, moving=water), view=VIEW)
    cloud = point_cloud(photo)
    pool, noise = cloud.pixels[:, 1] >= 32, cloud.pixels[:, 0] == 20
    for part, found in ((pool, flows), (noise & (cloud.pixels[:, 1] == 4), falls)):
        motion = np.where(part[:, None], flows, falls).astype(np.float32)
        grid = surface_grid(photo, cloud, motion)
        rows = grid.motion[cloud.pixels[part, 1], cloud.pixels[part, 0]]
        np.testing.assert_allclose(rows, found + np.zeros_like(rows), atol=1e-5)
        np.testing.assert_allclose(grid.motion[8:28], falls + np.zeros((20, WIDTH, 3)), atol=1e-5)


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
