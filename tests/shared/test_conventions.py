"""Time, windows, colours and Gaussians as the conventions define them."""

import json

import numpy as np
import pytest
from tests.shared.test_ply import gaussians

from livescape_shared.conventions import (
    INCOMING,
    OUTGOING,
    UNPAIRED,
    copy_window,
    linear_to_srgb,
    loop_time,
    srgb_to_linear,
    windowed_opacity,
)
from livescape_shared.errors import LivescapeError
from livescape_shared.gaussians import (
    GaussianFrame,
    Gaussians,
    control_points,
    rotation_matrices,
)
from livescape_shared.scene import MovingGaussians, SceneMeta


def test_loop_time_starts_at_zero_and_repeats():
    assert loop_time(10, 10, 48) == 0.0
    assert loop_time(58, 10, 48) == 0.0
    assert loop_time(9, 10, 48) == 47 / 48
    assert loop_time(10.5, 10, 48) == 0.5 / 48


def test_windows_add_up_at_every_time():
    copies = np.array([OUTGOING, INCOMING], np.uint8)
    for t in np.linspace(0, 1, 11):
        window = copy_window(copies, float(t))
        assert window.dtype == np.float32
        assert window.sum() == pytest.approx(1.0)
    np.testing.assert_array_equal(copy_window(copies, 0.0), [1.0, 0.0])


def test_an_unpaired_copy_is_always_wholly_shown():
    copies = np.array([UNPAIRED, OUTGOING], np.uint8)
    for t in (0.0, 0.25, 1.0):
        np.testing.assert_array_equal(copy_window(copies, t), [1.0, np.float32(1.0 - t)])


def test_coincident_copies_are_as_opaque_as_the_original():
    opacities = np.float32([0.05, 0.5, 0.99])
    for t in (0.0, 0.2, 0.7):
        outgoing, incoming = (
            windowed_opacity(opacities, np.full(3, window, np.float32)) for window in (1 - t, t)
        )
        together = 1 - (1 - outgoing) * (1 - incoming)
        np.testing.assert_allclose(together, opacities, rtol=1e-5)


def test_srgb_is_the_standard_curve():
    known = {0.0: 0.0, 0.04045: 0.0031308, 0.5: 0.2140411, 1.0: 1.0}  # IEC 61966-2-1
    for encoded, linear in known.items():
        assert srgb_to_linear(np.float32([encoded]))[0] == pytest.approx(linear, abs=2e-7)
    ramp = np.linspace(0, 1, 1001, dtype=np.float32)
    np.testing.assert_allclose(linear_to_srgb(srgb_to_linear(ramp)), ramp, atol=1e-6)
    assert (np.diff(srgb_to_linear(ramp)) > 0).all()


def test_rotations_turn_as_quaternions_do():
    half = np.sqrt(0.5)
    quarter_turn_about_z = np.float32([[half, 0, 0, half]])
    np.testing.assert_allclose(
        rotation_matrices(quarter_turn_about_z)[0] @ [1, 0, 0], [0, 1, 0], atol=1e-6
    )
    matrices = rotation_matrices(3.0 * gaussians(20).quats)
    identity = matrices @ np.swapaxes(matrices, 1, 2)
    np.testing.assert_allclose(identity, np.broadcast_to(np.eye(3), (20, 3, 3)), atol=1e-5)
    np.testing.assert_allclose(np.linalg.det(matrices), 1.0, atol=1e-5)


def test_control_points_carry_mean_and_covariance():
    cloud = gaussians(20)
    points = control_points(cloud.means, cloud.quats, cloud.scales)
    np.testing.assert_array_equal(points[:, 0], cloud.means)
    axes = points[:, 1:] - points[:, :1]  # row k is s_k r_k
    covariance = np.einsum("nki,nkj->nij", axes, axes)
    matrices = rotation_matrices(cloud.quats)
    expected = np.einsum("nik,nk,njk->nij", matrices, cloud.scales**2, matrices)
    np.testing.assert_allclose(covariance, expected, atol=1e-5)


@pytest.mark.parametrize("name", ["means", "quats", "scales", "opacities", "colors"])
def test_wrong_shapes_name_the_array(name):
    arrays = dict(vars(gaussians(3)))
    arrays[name] = np.zeros((3, 7))
    with pytest.raises(ValueError, match=name):
        Gaussians(**arrays)
    arrays[name] = vars(gaussians(2))[name]
    with pytest.raises(ValueError, match="differ in length"):
        Gaussians(**arrays)


def test_sets_are_cut_and_joined():
    cloud = gaussians(10)
    parts = Gaussians.concatenate(cloud[:3], Gaussians.empty(), cloud[np.arange(10) >= 3])
    np.testing.assert_array_equal(parts.means, cloud.means)
    assert len(Gaussians.empty()) == 0
    assert cloud.means.dtype == np.float32


def test_moving_gaussians_fade_from_copy_to_copy():
    cloud = gaussians(2)
    moving = MovingGaussians(cloud, np.array([OUTGOING, INCOMING], np.uint8))
    frame = GaussianFrame(0, cloud.means + 1, cloud.quats, cloud.scales)
    seen = moving.at(frame, 0.0)
    np.testing.assert_allclose(seen.opacities, [cloud.opacities[0], 0.0], atol=1e-7)
    np.testing.assert_array_equal(seen.means, cloud.means + 1)
    np.testing.assert_array_equal(seen.colors, cloud.colors)
    for copies in (np.zeros(3, np.uint8), np.array([0, 3], np.uint8)):
        with pytest.raises(ValueError, match="copies"):
            MovingGaussians(cloud, copies)


def test_frames_of_unequal_length_are_refused():
    cloud = gaussians(3)
    with pytest.raises(ValueError, match="differ in length"):
        GaussianFrame(0, cloud.means, cloud.quats[:2], cloud.scales)


def test_a_scene_description_is_plain():
    meta = SceneMeta(3, 4, 48, 1, 24.0, "linear")
    assert SceneMeta(**json.loads(json.dumps(meta.to_dict()))) == meta


def test_errors_survive_plain_values():
    error = LivescapeError("a_code", "It failed.", hint="Try.", stage="depth", retryable=True)
    again = LivescapeError.from_dict({**error.to_dict(), "newer": 1})
    assert again.to_dict() == error.to_dict()
    assert str(again) == "It failed. Try."
    assert LivescapeError.from_dict({}).code == "unknown"


def test_colours_rise_to_the_middle_of_the_loop_and_return():
    cloud = gaussians(2)
    middle = cloud.colors[::-1].copy()
    moving = MovingGaussians(cloud, np.array([OUTGOING, INCOMING], np.uint8), middle)
    for t in (0.0, 1.0):
        np.testing.assert_array_equal(moving.colors_at(t), cloud.colors)
    np.testing.assert_allclose(moving.colors_at(0.5), middle, atol=1e-6)
    quarter = srgb_to_linear(moving.colors_at(0.25))
    first, half = srgb_to_linear(cloud.colors), srgb_to_linear(middle)
    np.testing.assert_allclose(quarter, first + 15 / 16 * (half - first), atol=1e-6)
    np.testing.assert_allclose(moving.colors_at(0.75), moving.colors_at(0.25), atol=1e-6)
    with pytest.raises(ValueError, match="middle_colors"):
        MovingGaussians(cloud, moving.copies, middle[:1])
