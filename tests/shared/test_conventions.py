"""Time, windows, colours and Gaussians as the conventions define them."""

import json

import numpy as np
import pytest
from tests.shared.test_ply import gaussians

from livescape_shared.conventions import (
    FOR_EVER,
    SINCE_EVER,
    linear_to_srgb,
    loop_time,
    srgb_to_linear,
    window,
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


def test_without_a_loop_time_stands_still_before_and_after():
    for frame, t in ((3, 0.0), (10, 0.0), (34, 0.5), (34.5, 24.5 / 48), (58, 1.0), (99, 1.0)):
        assert loop_time(frame, 10, 48, loop=False) == t


def test_copies_that_share_a_moment_add_up_at_every_time():
    rng = np.random.default_rng(0)
    for fade in (0.02, 0.25, 1.0):
        moments = rng.uniform(fade / 2, 1 - fade / 2, 50).astype(np.float32)
        leaving = np.column_stack([np.full(50, SINCE_EVER), moments]).astype(np.float32)
        arriving = np.column_stack([moments, np.full(50, FOR_EVER)]).astype(np.float32)
        for t in np.linspace(0, 1, 101):
            shown = window(leaving, float(t), fade), window(arriving, float(t), fade)
            assert shown[0].dtype == np.float32
            np.testing.assert_allclose(shown[0] + shown[1], 1.0, atol=1e-6)
            np.testing.assert_array_equal(shown[1][moments <= t - fade / 2], 1.0)
            np.testing.assert_array_equal(shown[1][moments >= t + fade / 2], 0.0)


def test_a_copy_without_end_is_always_wholly_shown():
    always = np.float32([[SINCE_EVER, FOR_EVER]])
    for t in (0.0, 0.25, 1.0):
        assert window(always, t, 1.0) == 1.0


def test_a_copy_may_come_and_go():
    windows = np.float32([[0.3, 0.7]])
    seen = [float(window(windows, t, 0.2)[0]) for t in (0.1, 0.25, 0.3, 0.5, 0.7, 0.75, 0.9)]
    np.testing.assert_allclose(seen, [0.0, 0.25, 0.5, 1.0, 0.5, 0.25, 0.0], atol=1e-6)


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
    moving = MovingGaussians(cloud, np.float32([[SINCE_EVER, 0.5], [0.5, FOR_EVER]]))
    frame = GaussianFrame(0, cloud.means + 1, cloud.quats, cloud.scales)
    seen = moving.at(frame, 0.0, 0.2)
    np.testing.assert_allclose(seen.opacities, [cloud.opacities[0], 0.0], atol=1e-7)
    np.testing.assert_array_equal(seen.means, cloud.means + 1)
    np.testing.assert_array_equal(seen.colors, cloud.colors)
    halfway = moving.at(frame, 0.5, 0.2).opacities
    np.testing.assert_allclose((1 - halfway) ** 2, 1 - cloud.opacities, atol=1e-6)
    for windows in (np.zeros((3, 2), np.float32), np.float32([[0, np.nan], [0, 1]])):
        with pytest.raises(ValueError, match="windows"):
            MovingGaussians(cloud, windows)


def test_an_opaque_copy_is_hidden_and_shown_by_its_window():
    opaque = np.float32([1.0, 1.0])
    np.testing.assert_array_equal(windowed_opacity(opaque, np.float32([0.0, 1.0])), [0.0, 1.0])


def test_frames_of_unequal_length_are_refused():
    cloud = gaussians(3)
    with pytest.raises(ValueError, match="differ in length"):
        GaussianFrame(0, cloud.means, cloud.quats[:2], cloud.scales)


def test_a_scene_description_is_plain():
    meta = SceneMeta(3, 4, 48, True, 0.1, 1, 24.0, "linear")
    assert SceneMeta(**json.loads(json.dumps(meta.to_dict()))) == meta


def test_errors_survive_plain_values():
    error = LivescapeError("a_code", "It failed.", hint="Try.", stage="depth", retryable=True)
    again = LivescapeError.from_dict({**error.to_dict(), "newer": 1})
    assert again.to_dict() == error.to_dict()
    assert str(again) == "It failed. Try."
    assert LivescapeError.from_dict({}).code == "unknown"
