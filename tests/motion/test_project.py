import cv2
import numpy as np
import pytest
from tests.motion.support import camera

from livescape.cameras.projection import project_points, unproject_points
from livescape.motion.hints import densify_hints
from livescape.motion.project import (
    HintedSurface,
    lift_hints,
    project_hints,
    spread_on_surface,
)
from livescape.motion.surfaces import surface_normals
from livescape_shared.annotation import FRAMES_PER_DRAG


def turned(yaw, translation):
    viewmat = np.eye(4)
    c, s = np.cos(yaw), np.sin(yaw)
    viewmat[:3, :3] = [[c, 0, -s], [0, 1, 0], [s, 0, c]]
    viewmat[:3, 3] = translation
    return camera(viewmat=viewmat)


def test_unproject_undoes_projection():
    view = turned(0.3, (0.2, -0.1, 0.4))
    points = np.random.default_rng(0).normal(size=(50, 3))
    points[:, 2] += 6
    position, depth = project_points(points, view)
    np.testing.assert_allclose(unproject_points(position, depth, view), points, atol=1e-9)


def test_in_the_reference_view_hints_come_back_as_drawn():
    hints = np.array([[[30.0, 20.0], [45.0, 28.0]], [[70.0, 50.0], [60.0, 50.0]]])
    depth = np.full((64, 96), 7.0)
    position, motion, visible = project_hints(lift_hints(hints, depth, camera()), camera())
    np.testing.assert_allclose(position, hints[:, 0], atol=1e-9)
    drag = (hints[:, 1] - hints[:, 0]) / FRAMES_PER_DRAG
    np.testing.assert_allclose(motion, drag, atol=1e-9)
    assert visible.all()


def test_in_another_view_hints_sit_on_the_same_world_points():
    hints = np.array([[[30.0, 20.0], [45.0, 28.0]]])
    depth = 1.0 / np.linspace(1 / 4, 1 / 8, 96)[None].repeat(64, axis=0)
    normals = surface_normals(depth, camera(), np.ones((64, 96)))
    lifted = lift_hints(hints, depth, camera(), normals)
    view = turned(0.2, (0.5, 0.0, 0.1))
    position, motion, _ = project_hints(lifted, view)
    np.testing.assert_allclose(position, project_points(lifted.starts, view)[0])
    step = lifted.starts + lifted.motions
    np.testing.assert_allclose(motion, project_points(step, view)[0] - position)
    # The drag goes away from the viewer, as the depth under it does.
    assert lifted.motions[0, 2] > 0


def test_a_drag_across_a_depth_edge_stays_at_the_depth_of_its_start():
    depth = np.full((64, 96), 4.0)
    depth[:, 48:] = 400.0
    moving = (depth < 100.0).astype(float)
    normals = surface_normals(depth, camera(), moving)
    lifted = lift_hints(np.array([[[40.0, 30.0], [56.0, 30.0]]]), depth, camera(), normals)
    np.testing.assert_allclose(lifted.motions[0], [16 * 4 / 100 / FRAMES_PER_DRAG, 0, 0], atol=1e-9)


def test_a_long_arrow_that_ends_on_a_rock_or_the_bank_flows_along_the_water():
    """A quick river: the arrow's end, fifty frames on, lies on the bank, nearer than the water."""
    view, mask, depth, truth, _ = stream()
    start = np.array([48.5, 45.5])
    line = np.stack([start, start + FRAMES_PER_DRAG * truth[45, 48]])
    shown = np.clip(np.rint(line[1]).astype(int), 0, (95, 63))
    bank = depth.copy()
    bank[shown[1] - 3 : shown[1] + 4, shown[0] - 3 : shown[0] + 4] *= 0.75
    mask[bank != depth] = 0.0
    found = spread_on_surface(HintedSurface(line[None], bank, view), mask)
    inside = mask > 0
    np.testing.assert_allclose(found[inside], truth[inside], atol=0.02 * np.abs(truth).max())


def test_hints_behind_or_far_outside_a_view_are_marked():
    depth = np.full((64, 96), 5.0)
    lifted = lift_hints(np.array([[[48.0, 32.0], [50.0, 32.0]]]), depth, camera())
    assert not project_hints(lifted, turned(np.pi, (0, 0, 0)))[2].any()
    assert not project_hints(lifted, turned(1.2, (0, 0, 0)))[2].any()
    assert project_hints(lifted, turned(0.1, (0, 0, 0)))[2].all()


def stream(velocity=(0.02, 0.0, 0.01)):
    """A camera, and the mask, depth, true flow and two places of a river 2 m below it."""
    view = camera()
    rows, columns = np.indices((view.height, view.width)) + 0.5
    depth = 2.0 / np.maximum((rows - view.K[1, 2]) / view.K[1, 1], 1e-3)
    mask = (rows > view.K[1, 2] + 6.0).astype(np.float32)
    pixels = np.column_stack([columns.ravel(), rows.ravel()])
    points = unproject_points(pixels, depth.ravel(), view)
    truth = (project_points(points + velocity, view)[0] - pixels).reshape(*mask.shape, 2)
    return view, mask, depth, truth, np.array([[30.5, 60.5], [70.5, 50.5]])


def drawn_at(starts, truth):
    """Return the lines [n, 2, 2] that a careful artist draws at pixel centres."""
    motions = truth[starts[:, 1].astype(int), starts[:, 0].astype(int)]
    return np.stack([starts, starts + FRAMES_PER_DRAG * motions], axis=1), motions


def test_hints_spread_over_a_plane_are_foreshortened_as_its_motion_is():
    """Two arrows on a river that recedes to the horizon tell how all of it moves."""
    view, mask, depth, truth, starts = stream()
    lines, motions = drawn_at(starts, truth)
    found = spread_on_surface(HintedSurface(lines, depth, view), mask)
    inside = mask > 0
    error = np.linalg.norm(found - truth, axis=-1)[inside].mean()
    in_pixels = np.linalg.norm(densify_hints(starts, motions, mask) - truth, axis=-1)[inside].mean()
    assert error < 0.01 * in_pixels
    assert not found[~inside].any()


def test_where_no_surface_is_seen_nothing_moves():
    view = camera()
    depth = np.full((view.height, view.width), 5.0, np.float32)
    depth[:, 60:] = np.inf
    line = np.array([[[40.0, 30.0], [56.0, 30.0]]])
    found = spread_on_surface(HintedSurface(line, depth, view), np.ones(depth.shape, np.float32))
    assert np.isfinite(found).all()
    assert not found[:, 60:].any()
    np.testing.assert_allclose(found[:, :60, 0], 16 / FRAMES_PER_DRAG, rtol=1e-4)


def spread(hints, depth, mask):
    """Return the flow of hints [n, 2, 2] drawn on a surface."""
    return spread_on_surface(HintedSurface(np.array(hints, float), depth, camera()), mask)


def test_hints_do_not_cross_the_edge_of_a_surface():
    """A lake far behind a near one, both in one mask: each follows its own hint alone."""
    depth = np.full((64, 96), 40.0)
    depth[:, 48:] = 4.0
    flow = spread([[[40, 30], [40, 50]], [[56, 30], [76, 30]]], depth, np.ones((64, 96)))
    np.testing.assert_allclose(flow[:, :46], np.broadcast_to((0, 0.4), (64, 46, 2)), atol=1e-5)
    np.testing.assert_allclose(flow[:, 50:], np.broadcast_to((0.4, 0), (64, 46, 2)), atol=1e-5)


def test_hints_are_blended_along_one_surface_however_it_slopes():
    depth = 200.0 / (np.arange(64.0)[:, None] + 4.0) * np.ones((1, 96))
    flow = spread([[[30, 40], [50, 40]], [[66, 40], [46, 40]]], depth, np.ones((64, 96)))
    row = flow[40, :, 0]
    assert row[30] > 0.05 > 5 * abs(row[48])
    assert row[66] < -0.05
    assert np.abs(np.diff(row)).max() < 0.05


def test_a_surface_without_a_hint_follows_those_of_its_region():
    depth = np.full((64, 96), 40.0)
    depth[:, 48:] = 4.0
    flow = spread([[[40, 30], [40, 50]]], depth, np.ones((64, 96)))
    assert flow[30, 80, 1] > 0.4
    np.testing.assert_allclose(flow[30, 20], (0, 0.4), atol=1e-5)


def test_a_stone_in_the_water_parts_no_surface():
    depth = np.full((64, 96), 8.0)
    depth[20:40, 40:56] = 5.0
    mask = np.ones((64, 96))
    mask[20:40, 40:56] = 0
    hints = [[[20, 30], [40, 30]], [[76, 30], [76, 50]]]
    flow = spread(hints, depth, mask)
    middle = flow[50, 48]
    assert 0.1 < middle[0] < 0.3
    assert 0.1 < middle[1] < 0.3


@pytest.mark.parametrize("normal", [(0.0, 0.5, 1.0), (0.3, 2.0, 0.2), (-1.0, 0.1, 1.5), (0, 0, 1)])
def test_normals_of_a_plane_are_its_own(normal):
    u, v = np.meshgrid(np.arange(96) + 0.5, np.arange(64) + 0.5)
    rays = np.stack([u, v, np.ones_like(u)], -1) @ np.linalg.inv(camera().K).T
    towards = rays @ np.array(normal)
    depth = np.where(towards > 0.05, 5.0 / np.maximum(towards, 0.05), np.inf)
    found = surface_normals(depth, camera(), np.ones((64, 96)))
    seen = cv2.erode((towards > 0.05).astype(np.uint8), np.ones((9, 9), np.uint8)) > 0
    expected = np.array(normal) / np.linalg.norm(normal)
    np.testing.assert_allclose(found[seen], np.broadcast_to(expected, found[seen].shape), atol=0.01)


def test_a_fall_tells_its_pool_nothing():
    """A wall of water above a level one; the pool's far side is nearer to the fall's hint."""
    rows = np.arange(64.0)[:, None] + 0.5
    depth = np.where(rows < 40, 8.0, 8.0 * 10 / (rows - 30)) * np.ones((1, 96))
    flow = spread([[[48, 20], [48, 40]], [[8, 56], [2, 56]]], depth, np.ones((64, 96)))
    assert flow[30, 80, 1] > 0.35
    assert flow[50, 70, 0] < -0.02
    assert abs(flow[50, 70, 1]) < 0.02


def fall_and_pool():
    """A wall of water 8 m away above a level pool that is seen from 0.8 m above it."""
    rows = np.arange(64.0)[:, None] + 0.5
    return np.where(rows < 40, 8.0, 8.0 * 10 / (rows - 30)) * np.ones((1, 96))


@pytest.mark.parametrize("uneven", [0.0, 0.002])
def test_normals_end_at_the_bend_of_a_fall_into_its_pool(uneven):
    """The last row of the fall stands upright and the first of the pool lies level."""
    noise = np.random.default_rng(3).standard_normal((64, 96))
    waves = cv2.GaussianBlur(noise, (0, 0), 8.0)
    depth = fall_and_pool() * np.exp(uneven * waves / waves.std())
    found = surface_normals(depth, camera(), np.ones((64, 96)))
    upright = np.abs(found @ np.array([0.0, 0.0, 1.0]))
    level = np.abs(found @ np.array([0.0, 1.0, 0.0]))
    assert (upright[:40] > 0.97).all()
    assert (level[41:] > 0.97).all()


def test_a_fall_is_as_fast_in_its_last_row_as_above_it():
    flow = spread([[[48, 20], [48, 40]], [[8, 56], [2, 56]]], fall_and_pool(), np.ones((64, 96)))
    fall = flow[:40, 10:-10, 1]
    assert (np.diff(fall, axis=0) > -1e-3).all()
    assert flow[39, 48, 1] > flow[30, 48, 1]
    assert np.abs(flow[42:, 10:-10]).max() < 0.3


def test_an_arrow_at_the_foot_of_a_fall_does_not_race_along_the_pool():
    """On the pool's side of the bend 0.4 pixels a frame would be 0.3 m a frame, not 0.03."""
    pool = np.mgrid[:64, :96][0] > 46
    fine = spread([[[48, 20], [48, 40]], [[8, 56], [2, 56]]], fall_and_pool(), np.ones((64, 96)))
    for row in (38, 40, 41):
        hints = [[[48, 20], [48, 40]], [[60, row], [60, row + 20]], [[8, 56], [2, 56]]]
        flow = spread(hints, fall_and_pool(), np.ones((64, 96)))
        assert np.linalg.norm(flow[pool], axis=-1).max() < 0.3
        assert np.linalg.norm(flow[:36], axis=-1).max() < 0.5
        assert np.linalg.norm(flow - fine, axis=-1)[pool].mean() < 0.1


def test_a_pool_without_an_arrow_takes_the_way_of_its_fall_along_its_own_surface():
    """Water that falls towards the viewer as well goes on towards him, not through the bed."""
    depth = fall_and_pool()
    rows = np.arange(64.0)[:, None] + 0.5
    lean = np.where(rows < 40, 8.0 + 0.05 * (40 - rows), depth) * np.ones((1, 96))
    flow = spread([[[48, 20], [48, 40]]], lean, np.ones((64, 96)))
    pool = flow[50:, 10:-10]
    assert np.linalg.norm(pool, axis=-1).max() < 0.6  # downwards it would be 1.3
    assert pool[..., 1].min() > 0.0


@pytest.mark.parametrize(("uneven", "extent"), [(0.03, 20.0), (0.01, 2.0)])
def test_depth_that_is_uneven_sends_no_water_up_and_down(uneven, extent):
    """A lake that drifts aside, seen at a grazing angle, by depth such as networks guess."""
    view, mask, depth, truth, starts = stream((0.03, 0.0, -0.004))
    grain = np.random.default_rng(2).standard_normal(depth.shape)
    grain = cv2.GaussianBlur(grain, (0, 0), extent)
    guessed = depth * np.exp(uneven * grain / grain.std())
    lines, _ = drawn_at(starts, truth)
    found = spread_on_surface(HintedSurface(lines, guessed, view), mask)
    inside = mask > 0
    error = np.linalg.norm(found - truth, axis=-1)[inside].mean()
    assert error < 0.06 * np.linalg.norm(truth, axis=-1)[inside].mean()
