"""The motion of a clip: known fields are recovered, shake is taken out, real water is found."""

import numpy as np
import pytest
from scipy.ndimage import gaussian_filter
from tests.motion.clips import RIVER_FPS, RIVER_TOP, advected, river, river_flow, shaken

from livescape.imaging.video import Clip, decode_clip
from livescape.motion.video import ClipMotion, clip_motion

HEIGHT, WIDTH = 120, 160
Y, X = np.mgrid[:HEIGHT, :WIDTH].astype(np.float32)
WATER = Y > 50
FIELD = np.stack((1.6 + 0.004 * (X - 80), 0.4 * np.sin(X / 30)), axis=-1).astype(np.float32)


@pytest.fixture(scope="module")
def drawn():
    return advected(FIELD, 12, WATER)


def error_in(motion, inside):
    return np.median(np.linalg.norm(motion.flow - FIELD, axis=-1)[inside])


def inner(mask, margin=6):
    return gaussian_filter(mask.astype(float), margin) > 0.9


def test_a_known_field_is_recovered_and_the_bank_stands_still(drawn):
    motion = clip_motion(Clip(drawn, 24.0))
    assert error_in(motion, inner(WATER)) < 0.1
    assert (motion.mask[inner(WATER)] > 0.5).mean() > 0.95
    assert (motion.mask[inner(~WATER)] == 0).all()
    # A larger mask of the artist's finds motion there too.
    assert np.linalg.norm(motion.flow[40], axis=-1).min() > 0.5


def test_slow_motion_is_measured_over_pairs_further_apart():
    slow = 0.08 * FIELD
    motion = clip_motion(Clip(advected(slow, 24, WATER), 24.0))
    found = np.linalg.norm(motion.flow - slow, axis=-1)[inner(WATER)]
    assert np.median(found) < 0.02
    assert (motion.mask[inner(WATER)] > 0.5).mean() > 0.8


def test_shake_of_the_camera_is_taken_out(drawn):
    motion = clip_motion(Clip(shaken(drawn), 24.0))
    assert error_in(motion, inner(WATER)) < 0.1
    assert (motion.mask[inner(~WATER)] == 0).mean() > 0.98


def test_a_sky_that_fills_the_picture_is_not_taken_for_a_panning_camera():
    wind = np.zeros_like(FIELD) + np.float32([0.9, -0.2])
    motion = clip_motion(Clip(advected(wind, 16), 24.0))
    assert np.median(np.linalg.norm(motion.flow - wind, axis=-1)) < 0.05
    assert (motion.mask > 0.5).mean() > 0.95


def test_a_still_clip_is_a_still_scene():
    motion = clip_motion(Clip(advected(np.zeros_like(FIELD), 5), 24.0))
    assert not motion.mask.any()
    assert not motion.flow.any()
    noisy = advected(np.zeros_like(FIELD), 5) // 2
    noise = np.random.default_rng(0).integers(0, 4, noisy.shape).astype(np.uint8)
    assert not clip_motion(Clip(noisy + noise, 24.0)).mask.any()


@pytest.mark.parametrize("count", [2, 3])
def test_two_frames_are_a_clip(count):
    motion = clip_motion(Clip(advected(FIELD, count, WATER), 24.0))
    assert error_in(motion, inner(WATER)) < 0.2


def test_photographed_water_flows_as_it_was_carried_and_the_temple_stands():
    clip = decode_clip(river())
    flow, water = river_flow()
    assert (clip.frames.shape, clip.fps) == ((20, *water.shape, 3), RIVER_FPS)
    motion = clip_motion(clip)
    error = np.linalg.norm(motion.flow - flow, axis=-1)[RIVER_TOP + 12 : -12, 30:-30]
    assert np.median(error) < 0.1
    assert np.percentile(error, 90) < 0.25
    assert (motion.mask[RIVER_TOP + 12 :] > 0.5).mean() > 0.95
    assert motion.mask[: RIVER_TOP - 12].max() == 0.0


def ramp(width, height):
    """Motion that says where it is: x and y in units of the picture."""
    x = (np.arange(width, dtype=np.float32) + 0.5) / width
    y = (np.arange(height, dtype=np.float32) + 0.5) / height
    flow = np.stack(np.broadcast_arrays(x[None], y[:, None]), axis=-1)
    return ClipMotion(np.ascontiguousarray(flow), np.ones((height, width), np.float32))


@pytest.mark.parametrize(("width", "height"), [(160, 120), (40, 30)])
def test_motion_grows_with_the_picture_and_slows_with_the_frame_rate(width, height):
    placed = ramp(80, 60).on_photo(width, height, 0.5)
    expected = ramp(width, height).flow * 0.5 * width / 80
    inside = np.s_[4:-4, 4:-4]
    np.testing.assert_allclose(placed.flow[inside], expected[inside], atol=1e-5)


@pytest.mark.parametrize(("width", "height"), [(80, 60), (60, 60), (200, 60)])
def test_a_clip_of_another_aspect_covers_the_photo_about_the_centre(width, height):
    placed = ramp(80, 60).on_photo(width, height, 1.0)
    scale = max(width / 80, height / 60)
    assert placed.flow.shape == (height, width, 2)
    centre = placed.flow[height // 2 - 1 : height // 2 + 1, width // 2 - 1 : width // 2 + 1]
    np.testing.assert_allclose(centre.mean((0, 1)) / scale, 0.5, atol=1e-5)
    step = np.diff(placed.flow[height // 2, 5:-5, 0]) / scale
    np.testing.assert_allclose(step, 1 / 80 / scale, atol=1e-5)
    step = np.diff(placed.flow[5:-5, width // 2, 1]) / scale
    np.testing.assert_allclose(step, 1 / 60 / scale, atol=1e-5)
