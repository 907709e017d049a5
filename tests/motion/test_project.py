import numpy as np
from tests.motion.support import camera

from livescape.cameras.projection import project_points, unproject_points
from livescape.motion.hints import FRAMES_PER_DRAG, densify_hints
from livescape.motion.project import (
    SurfaceHints,
    lift_hints,
    project_hints,
    spread_on_surface,
)


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
    depth = np.linspace(4, 8, 96)[None].repeat(64, axis=0)
    lifted = lift_hints(hints, depth, camera())
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
    lifted = lift_hints(np.array([[[40.0, 30.0], [56.0, 30.0]]]), depth, camera())
    np.testing.assert_allclose(lifted.motions[0], [16 * 4 / 100 / FRAMES_PER_DRAG, 0, 0], atol=1e-9)


def test_hints_behind_or_far_outside_a_view_are_marked():
    depth = np.full((64, 96), 5.0)
    lifted = lift_hints(np.array([[[48.0, 32.0], [50.0, 32.0]]]), depth, camera())
    assert not project_hints(lifted, turned(np.pi, (0, 0, 0)))[2].any()
    assert not project_hints(lifted, turned(1.2, (0, 0, 0)))[2].any()
    assert project_hints(lifted, turned(0.1, (0, 0, 0)))[2].all()


def test_hints_spread_over_a_plane_are_foreshortened_as_its_motion_is():
    """Two arrows on a river that recedes to the horizon tell how all of it moves."""
    view = camera()
    rows, columns = np.indices((view.height, view.width)) + 0.5
    depth = 2.0 / np.maximum((rows - view.K[1, 2]) / view.K[1, 1], 1e-3)  # 2 m below the camera
    mask = (rows > view.K[1, 2] + 6.0).astype(np.float32)
    pixels = np.column_stack([columns.ravel(), rows.ravel()])
    points = unproject_points(pixels, depth.ravel(), view)
    velocity = np.array([0.02, 0.0, 0.01])
    truth = (project_points(points + velocity, view)[0] - pixels).reshape(*mask.shape, 2)
    starts = np.array([[30.5, 60.5], [70.5, 50.5]])
    motions = truth[starts[:, 1].astype(int), starts[:, 0].astype(int)]
    lines = np.stack([starts, starts + FRAMES_PER_DRAG * motions], axis=1)
    lifted = lift_hints(lines, depth.astype(np.float32), view)
    found = spread_on_surface(SurfaceHints(lifted, depth, view), mask)
    inside = mask > 0
    error = np.linalg.norm(found - truth, axis=-1)[inside].mean()
    in_pixels = np.linalg.norm(densify_hints(starts, motions, mask) - truth, axis=-1)[inside].mean()
    assert error < 0.1 * in_pixels
    assert not found[~inside].any()


def test_where_no_surface_is_seen_nothing_moves():
    view = camera()
    depth = np.full((view.height, view.width), 5.0, np.float32)
    lifted = lift_hints(np.array([[[40.0, 30.0], [56.0, 30.0]]]), depth, view)
    depth[:, 60:] = np.inf
    found = spread_on_surface(SurfaceHints(lifted, depth, view), np.ones(depth.shape, np.float32))
    assert np.isfinite(found).all()
    assert not found[:, 60:].any()
    np.testing.assert_allclose(found[:, :60, 0], 16 / FRAMES_PER_DRAG, rtol=1e-4)
