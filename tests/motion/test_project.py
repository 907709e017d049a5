import numpy as np
from tests.motion.support import camera

from livescape.cameras.projection import project_points, unproject_points
from livescape.motion.hints import FRAMES_PER_DRAG
from livescape.motion.project import lift_hints, project_hints


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
