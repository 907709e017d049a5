import numpy as np
import pytest
from tests.data.files import load_vectors
from tests.motion.support import camera, channels_last

from livescape.cameras.projection import project_points
from livescape.engine.advect import displacements_at, integrate_3d
from livescape.engine.advect.reference import displacements, integrate
from livescape.imaging.sampling import sample_bilinear


@pytest.mark.parametrize("direction", ["fwd", "bwd"])
@pytest.mark.parametrize("steps", [1, 5, 59])
def test_plain_definition_matches_the_reference_vector(direction, steps):
    vectors = load_vectors("euler_integration")
    motion = channels_last(vectors["motion"])
    found = integrate(motion, steps, backward=direction == "bwd", lookup="nearest")
    expected = channels_last(vectors[f"plain_{direction}_N{steps}"])
    np.testing.assert_allclose(found, expected, atol=2e-5)


def test_constant_motion_adds_up_even_out_of_the_frame():
    motion = np.broadcast_to(np.float32([0.75, -0.5]), (20, 30, 2))
    np.testing.assert_allclose(integrate(motion, 40), 40 * motion, rtol=1e-5)
    np.testing.assert_allclose(integrate(motion, 40, backward=True), -40 * motion, rtol=1e-5)


def test_bilinear_lookup_keeps_a_rotation_on_its_circle():
    y, x = np.mgrid[:81, :81] - 40.0
    angle = 0.01
    motion = np.stack((-y, x), -1) * angle
    start = np.array([[40.5 + 25, 40.5]])
    *_, moved = displacements(motion, 157, positions=start)
    end = (start + moved)[0] - 40.5
    # Forward Euler grows the radius by sqrt(1 + angle^2) a step.
    radius = 25 * (1 + angle**2) ** (157 / 2)
    turned = 157 * np.arctan(angle)
    np.testing.assert_allclose(end, radius * np.array([np.cos(turned), np.sin(turned)]), atol=1e-6)


def test_displacements_yield_every_step():
    motion = np.random.default_rng(0).normal(size=(12, 16, 2)).astype(np.float32)
    series = list(displacements(motion, 6))
    assert len(series) == 7
    assert not series[0].any()
    np.testing.assert_allclose(series[1], motion, atol=1e-5)
    np.testing.assert_array_equal(series[6], integrate(motion, 6))


def displacements_on_torch(*arguments, **options):
    return displacements_at(*arguments, **options, device="cpu:0")


@pytest.mark.parametrize("at", [displacements_at, displacements_on_torch])
@pytest.mark.parametrize("backward", [False, True])
def test_kernel_and_torch_take_the_same_steps(backward, at):
    field = 8 * smooth_field(30, 40)[..., :2]
    start = np.random.default_rng(4).uniform((-3, -3), (43, 33), (500, 2)).astype(np.float32)
    course = list(displacements(field, 40, backward=backward, positions=start))
    found = at(field, [7, 0, 40, 7], start, backward=backward)
    assert list(found) == [0, 7, 40]
    for step, moved in found.items():
        np.testing.assert_allclose(moved, course[step], atol=1e-4)
    assert at(field, [3], np.zeros((0, 2)))[3].shape == (0, 2)
    assert at(field, [], start) == {}


def smooth_field(height, width):
    y, x = np.mgrid[:height, :width] / 20.0
    field = np.stack((np.sin(y) + 0.5, 0.3 * np.cos(x), 0.2 * np.sin(x + y)), -1)
    return (0.03 * field).astype(np.float32)


def test_3d_trajectories_equal_the_plain_loop():
    view = camera()
    rng = np.random.default_rng(1)
    means = rng.normal(size=(300, 3)) * (2, 1.5, 1) + (0, 0, 6)
    field, steps = smooth_field(64, 96), 30
    found = integrate_3d(means, field, view, steps)
    assert found.shape == (61, 300, 3)
    for sign in (1, -1):
        current = means.copy()
        for step in range(1, steps + 1):
            pixel, depth = project_points(current, view)
            current = current + sign * sample_bilinear(field, pixel) * (depth > 1e-3)[:, None]
            np.testing.assert_allclose(found[steps + sign * step], current, atol=2e-5)
    np.testing.assert_array_equal(found[steps], means.astype(np.float32))


def integrate_3d_on_torch(*arguments):
    return integrate_3d(*arguments, device="cpu:0")


def test_3d_trajectories_on_torch_equal_the_fast_loop():
    rng = np.random.default_rng(2)
    means = rng.normal(size=(700, 3)) * (6, 4, 4) + (0, 0, 5)  # also off the image and behind
    field = smooth_field(64, 96)
    found = integrate_3d_on_torch(means, field, camera(), 40)
    expected = integrate_3d(means, field, camera(), 40)
    assert found.dtype == np.float32
    np.testing.assert_allclose(found, expected, atol=1e-5)
    still = (expected == expected[40]).all(axis=(0, 2))
    assert 0.02 < still.mean() < 0.3


@pytest.mark.parametrize("integrate_points", [integrate_3d, integrate_3d_on_torch])
def test_points_behind_the_camera_stay(integrate_points):
    trajectories = integrate_points(np.array([[0.0, 0, -3]]), smooth_field(64, 96), camera(), 5)
    assert np.all(trajectories == trajectories[5])


@pytest.mark.parametrize("integrate_points", [integrate_3d, integrate_3d_on_torch])
def test_no_points_and_no_steps(integrate_points):
    assert integrate_points(np.empty((0, 3)), smooth_field(64, 96), camera(), 4).shape == (9, 0, 3)
    point = np.array([[0.1, 0.2, 4.0]], np.float32)
    np.testing.assert_array_equal(
        integrate_points(point, smooth_field(64, 96), camera(), 0), point[None]
    )


@pytest.mark.parametrize("integrate_points", [integrate_3d, integrate_3d_on_torch])
def test_shapes_are_checked(integrate_points):
    with pytest.raises(ValueError, match="motion"):
        integrate_points(np.zeros((1, 3)), np.zeros((4, 4, 3)), camera(), 1)
    with pytest.raises(ValueError, match="means"):
        integrate_points(np.zeros((3, 1)), smooth_field(64, 96), camera(), 1)
