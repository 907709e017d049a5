import numpy as np
import pytest
import torch
from benchmarks.refine import (
    cross_view_error,
    make_scene,
    pixel_errors,
    shift,
    with_noise,
)

from livescape.cameras.projection import project_points
from livescape.engine.irls import solve_irls
from livescape.engine.irls.observations import MotionView, observe
from livescape.engine.irls.reprojection import mean_residual
from livescape.imaging.sampling import sample_bilinear
from livescape.motion.refine import GRAZING, along_surface, fill_unsupported, refine_motion
from livescape.motion.solve_sgd import sgd_loss, solve_sgd

POINTS = 400


@pytest.mark.parametrize("depth", [2.0, 5.0, 10.0, 50.0])
@pytest.mark.parametrize("target", [0.5, 3.0, 20.0])
def test_irls_recovers_consistent_motion_at_any_depth(depth, target):
    scene = make_scene(depth, target, count=POINTS)
    refined = refine_motion(scene.points, scene.views)
    assert np.median(pixel_errors(scene, refined.motion)) < max(0.01, 1e-3 * target)
    assert refined.residual.max() < 0.05 * target
    assert refined.support.min() >= 5


def test_sgd_reaches_near_motion_and_misses_far_motion_as_published():
    near = make_scene(2.0, 0.5, views=3)
    far = make_scene(10.0, 0.5, views=3)
    reached = []
    for scene in (near, far):
        motion = solve_sgd(observe(scene.points, scene.views).to("cpu", torch.float32))
        reached.append(np.median(pixel_errors(scene, motion.T.numpy())))
    assert reached[0] < 0.02
    assert reached[1] > 0.3


def test_irls_and_converged_sgd_agree():
    """Few points make SGD's steps long enough to arrive."""
    scene = make_scene(3.0, 1.0, count=256, views=4)
    observations = observe(scene.points, scene.views)
    slow = solve_sgd(observations.to("cpu", torch.float64), steps=200).T.numpy()
    fast = refine_motion(scene.points, scene.views).motion
    for view in scene.views:
        # SGD on |.| ends by hopping about the minimum.
        apart = shift(scene.points, slow, view.camera) - shift(scene.points, fast, view.camera)
        assert np.median(np.abs(apart)) < 0.05
    losses = [
        float(sgd_loss(observations, torch.from_numpy(motion.T.astype(np.float64))))
        for motion in (fast, slow)
    ]
    assert losses[0] <= losses[1] + 1e-3


def test_small_motion_equals_dense_least_squares():
    """Without noise every sound solver gives the linear problem's answer."""
    scene = make_scene(4.0, 0.01, count=25)
    observations = observe(scene.points, scene.views)
    found = refine_motion(scene.points, scene.views).motion
    for n in range(len(scene.points)):
        rows, values = [], []
        for index, view in enumerate(scene.views):
            if observations.weight[index, n] > 0:
                step = 1e-6 * np.eye(3)
                origin = np.repeat(scene.points[n : n + 1], 3, axis=0)
                rows.append(shift(origin, step, view.camera).T / 1e-6)
                values.append(observations.target[index, :, n].numpy())
        exact = np.linalg.lstsq(np.concatenate(rows), np.concatenate(values), rcond=None)[0]
        np.testing.assert_allclose(found[n], exact, atol=0.02 * np.linalg.norm(exact))


@pytest.mark.parametrize("with_normals", [False, True])
@pytest.mark.parametrize("noisy", [False, True])
def test_kernel_equals_the_batched_solver(with_normals, noisy):
    scene = make_scene(6.0, 2.0, count=POINTS)
    if noisy:
        scene = with_noise(scene, np.random.default_rng(0))
    normals = None
    if with_normals:
        normals = np.random.default_rng(1).normal(size=scene.points.shape) * 0.2 + (0, 0, -1)
        normals /= np.linalg.norm(normals, axis=1, keepdims=True)
    observations = observe(scene.points, scene.views)
    fast = solve_irls(observations, normals)
    plain = solve_irls(observations, normals, device="cpu:0")
    apart = np.concatenate(
        [
            np.abs(shift(scene.points, fast, v.camera) - shift(scene.points, plain, v.camera))
            for v in scene.views
        ]
    )
    # The kernel stops each point by itself, the batch stops with its last one.
    assert np.median(apart) < 2e-3
    assert np.percentile(apart, 99) < 0.03


def test_sampling_of_observations_is_weighted_by_confidence():
    scene = make_scene(5.0, 1.0, count=POINTS, views=1)
    view = scene.views[0]
    confidence = np.ones_like(view.confidence)
    middle = view.camera.width // 2
    confidence[:, middle:] = 0
    flow = np.where(confidence[..., None] > 0, view.flow, 1e6)
    half = MotionView(view.camera, flow, confidence, view.visible)
    observations = observe(scene.points, [half])
    seen = observations.weight[0].numpy() > 1e-3
    position = project_points(scene.points, view.camera)[0]
    inner = seen & (position[:, 0] < middle - 1)
    exact = sample_bilinear(view.flow, position[inner])
    np.testing.assert_allclose(observations.target[0, :, inner].numpy().T, exact, atol=1e-4)
    assert observations.target[0, :, seen].abs().max() < 10
    assert not seen[position[:, 0] > middle + 1].any()


def test_views_that_do_not_see_a_point_have_no_say():
    scene = make_scene(5.0, 1.0, count=POINTS)
    hidden = np.zeros(POINTS, bool)
    wrong = scene.views[3]
    wrong = MotionView(wrong.camera, wrong.flow + 50, wrong.confidence, hidden)
    views = [*scene.views[:3], wrong, *scene.views[4:]]
    assert np.median(pixel_errors(scene, refine_motion(scene.points, views).motion)) < 0.01


def test_outliers_are_outvoted():
    scene = make_scene(5.0, 1.0, count=POINTS)
    wrong = [MotionView(v.camera, -3 * v.flow, v.confidence, v.visible) for v in scene.views[:3]]
    robust = refine_motion(scene.points, [*wrong, *scene.views[3:]]).motion
    observations = observe(scene.points, [*wrong, *scene.views[3:]])
    assert np.median(pixel_errors(scene, robust)) < 0.1
    assert mean_residual(observations, robust).mean() > 0.3


def test_unseen_points_stay_and_are_filled_on_request():
    scene = make_scene(5.0, 1.0, count=POINTS)
    seen = np.arange(POINTS) % 4 > 0
    views = [MotionView(v.camera, v.flow, v.confidence, seen) for v in scene.views]
    refined = refine_motion(scene.points, views)
    assert not refined.motion[~seen].any()
    assert not refined.support[~seen].any()
    filled = fill_unsupported(refined.motion, refined.support, scene.points)
    np.testing.assert_array_equal(filled[seen], refined.motion[seen])
    error = np.linalg.norm(filled - scene.truth, axis=1)[~seen]
    assert np.median(error) < 0.1 * np.linalg.norm(scene.truth, axis=1).mean()


def test_normals_settle_the_direction_that_one_view_cannot_see():
    """Water seen at a slant by a single view: motion stays on the surface."""
    scene = make_scene(6.0, 1.0, count=POINTS, views=3)
    normal = np.array([0.5, 0.0, -1.0]) / 1.25**0.5
    normals = np.repeat(normal[None], POINTS, axis=0)
    identity = [scene.views[2]]
    free = refine_motion(scene.points, identity).motion
    held = refine_motion(scene.points, identity, normals=normals).motion
    position = shift(scene.points, held, identity[0].camera)
    np.testing.assert_allclose(position, shift(scene.points, free, identity[0].camera), atol=0.01)
    assert np.abs(held @ normal).max() < 0.02 * np.linalg.norm(held, axis=1).mean()
    assert np.abs(free @ normal).mean() > 0.1 * np.linalg.norm(free, axis=1).mean()


def test_refinement_removes_disagreement_between_views():
    scene = with_noise(make_scene(10.0, 3.0, count=2000), np.random.default_rng(2))
    motion = refine_motion(scene.points, scene.views).motion.astype(np.float64)
    before = [
        sample_bilinear(view.flow, project_points(scene.points, view.camera)[0])
        for view in scene.views
    ]
    after = [shift(scene.points, motion, view.camera) for view in scene.views]
    assert cross_view_error(scene, before) > 5 * cross_view_error(scene, after)


def test_still_flow_no_points_and_no_views_are_fine():
    scene = make_scene(5.0, 1.0, count=16, views=2)
    still = [MotionView(v.camera, 0 * v.flow, 1e-6 * v.confidence, v.visible) for v in scene.views]
    assert np.abs(refine_motion(scene.points, still).motion).max() < 1e-9
    nothing = refine_motion(scene.points, [])
    assert nothing.motion.shape == (16, 3)
    assert not nothing.motion.any()
    empty = [MotionView(v.camera, v.flow, v.confidence, v.visible[:0]) for v in scene.views]
    for solver in ("irls", "sgd"):
        assert refine_motion(scene.points[:0], empty, solver=solver).motion.shape == (0, 3)


def test_wrong_shapes_are_named():
    scene = make_scene(5.0, 1.0, count=16, views=1)
    view = scene.views[0]
    with pytest.raises(ValueError, match="points"):
        refine_motion(scene.points.T, scene.views)
    with pytest.raises(ValueError, match="visible"):
        refine_motion(scene.points[:4], scene.views)
    bad = MotionView(view.camera, view.flow[:-1], view.confidence, view.visible)
    with pytest.raises(ValueError, match="flow"):
        refine_motion(scene.points, [bad])
    with pytest.raises(ValueError, match="solver"):
        refine_motion(scene.points, scene.views, solver="adam")


def test_without_refinement_the_photo_is_followed_and_nothing_else():
    scene = make_scene(5.0, 1.0, count=POINTS, views=6)
    lifted = refine_motion(scene.points, scene.views, solver="none").motion
    first = scene.views[0].camera
    flow = sample_bilinear(scene.views[0].flow, project_points(scene.points, first)[0])
    seen = np.abs(lifted).sum(1) > 0
    assert seen.mean() > 0.5
    np.testing.assert_allclose(shift(scene.points, lifted, first)[seen], flow[seen], atol=2e-3)
    # Motion along the ray is lost, so views from elsewhere see another motion.
    refined = refine_motion(scene.points, scene.views).motion
    assert np.median(pixel_errors(scene, lifted)) > 5 * np.median(pixel_errors(scene, refined))


def test_motion_keeps_to_the_surface_and_looks_the_same_to_the_photos_camera():
    random = np.random.default_rng(3)
    points = random.uniform((-3, 0.5, 4), (3, 2.0, 12), (POINTS, 3)).astype(np.float32)
    normals = np.tile(np.array([0.0, -0.8, -0.6], np.float32), (POINTS, 1))
    along = random.choice((-1.0, 1.0), (POINTS, 2)) * random.uniform(0.01, 0.03, (POINTS, 2))
    motion = along @ np.array([[1.0, 0.0, 0.0], [0.0, 0.6, -0.8]])
    motion = (motion + random.normal(0.0, 0.001, (POINTS, 1)) * normals).astype(np.float32)
    found = along_surface(motion, points, normals, np.zeros(3))
    np.testing.assert_allclose((found * normals).sum(1), 0.0, atol=1e-6)
    ray = points / np.linalg.norm(points, axis=1, keepdims=True)
    np.testing.assert_allclose(np.cross(found, ray), np.cross(motion, ray), atol=1e-6)


def test_at_the_horizon_only_what_leaves_the_surface_is_taken_away():
    points = np.array([[0.0, 0.5 * GRAZING * 100.0, 100.0]])
    up, along = np.array([[0.0, 1.0, 0.0]]), np.array([[0.03, 0.0, 0.01]])
    found = along_surface((along + 0.02 * up).astype(np.float32), points, up, np.zeros(3))
    np.testing.assert_allclose(found, along, atol=1e-6)
