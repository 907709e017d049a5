"""Every measure reads what it is meant to read, and nothing else."""

import cv2
import numpy as np
import pytest

from livescape.evaluate import motion_metrics as motion

HEIGHT, WIDTH = 90, 160
MOVING = np.zeros((HEIGHT, WIDTH), bool)
MOVING[30:, :] = True


def texture(seed, blur=1.0):
    """Grey noise [H, W, 3] around a half."""
    noise = np.random.default_rng(seed).normal(0, 1, (HEIGHT, WIDTH)).astype(np.float32)
    noise = cv2.GaussianBlur(noise, (0, 0), blur)
    grey = 0.5 + 0.12 * noise / noise.std()
    return np.repeat(grey[..., None], 3, axis=-1).astype(np.float32)


def shifted(image, pixels):
    return np.roll(image, pixels, axis=1)


def toward(pixels):
    """The displacement from a pixel of now to where it lies in the photo."""
    field = np.zeros((HEIGHT, WIDTH, 2), np.float32)
    field[..., 0] = -pixels
    return field


PHOTO = texture(0)
FIRST, SECOND = shifted(PHOTO, 12), shifted(PHOTO, -12)


def ghost_of(image):
    return motion.ghost(image.astype(np.float32), PHOTO, toward(12), toward(-12), MOVING)


def test_one_copy_has_no_ghost():
    assert ghost_of(FIRST) < 0.01
    assert ghost_of(SECOND) < 0.01


def test_an_even_mix_is_all_ghost():
    assert ghost_of(0.5 * FIRST + 0.5 * SECOND) == pytest.approx(0.5, abs=0.03)


@pytest.mark.parametrize("share", [0.1, 0.25])
def test_ghost_is_the_weaker_copys_energy(share):
    expected = share**2 / (share**2 + (1 - share) ** 2)
    assert ghost_of((1 - share) * FIRST + share * SECOND) == pytest.approx(expected, abs=0.02)


def test_contrast_and_brightness_are_no_ghost():
    assert ghost_of(0.2 + 0.5 * FIRST) < 0.01


def test_copies_side_by_side_are_no_ghost():
    half = FIRST.copy()
    half[:, 80:] = SECOND[:, 80:]
    assert ghost_of(half) < 0.05


FALLEN = 12
"""Pixels that a fall from row 30 down has fallen by now; by the end it falls as far again."""

FALL_FIRST, FALL_SECOND = (np.roll(PHOTO, pixels, axis=0) for pixels in (FALLEN, -FALLEN))


def fallen_ghost(image):
    """Ghosts in a fall from a lip at row 30, as an Eulerian flow carries it: nothing beyond."""
    rows = np.arange(HEIGHT, dtype=np.float32)[:, None]
    forward, backward = (np.zeros((HEIGHT, WIDTH, 2), np.float32) for _ in range(2))
    forward[..., 1] = np.maximum(29 - rows, -FALLEN)
    backward[..., 1] = FALLEN
    return motion.ghost(image.astype(np.float32), PHOTO, forward, backward, MOVING)


def test_what_comes_in_where_the_first_copy_has_left_is_no_ghost():
    coming = FALL_FIRST.copy()
    coming[: 30 + FALLEN] = FALL_SECOND[: 30 + FALLEN]
    assert fallen_ghost(coming) < 0.0005


@pytest.mark.parametrize("share", [0.1, 0.25, 0.5])
def test_a_double_exposure_of_a_fall_reads_its_weight(share):
    expected = share**2 / (share**2 + (1 - share) ** 2)
    double = (1 - share) * FALL_FIRST + share * FALL_SECOND
    assert fallen_ghost(double) == pytest.approx(expected, abs=0.005)


def test_where_nothing_is_structured_there_is_no_ghost_to_measure():
    assert np.isnan(motion.ghost(FIRST, 0 * PHOTO + 0.5, toward(12), toward(-12), MOVING))


def test_a_picture_that_shows_neither_copy_says_nothing():
    assert np.isnan(ghost_of(texture(5)))


def test_spectrum_sees_blur_and_grain_but_not_motion():
    assert motion.spectrum_distance(FIRST, PHOTO, MOVING) < 1.0
    blurred = cv2.GaussianBlur(PHOTO, (0, 0), 1.5)
    assert motion.spectrum_distance(blurred, PHOTO, MOVING) > 5.0
    grain = PHOTO + 0.5 * (texture(3, 0.3) - 0.5)
    assert motion.spectrum_distance(grain, PHOTO, MOVING) > 2.0


def test_contrast_is_a_ratio():
    assert motion.texture_contrast(0.5 + 0.8 * (PHOTO - 0.5), PHOTO, MOVING) == pytest.approx(0.8)


@pytest.mark.parametrize("pixels", [2, 5, 9])
def test_contrast_is_the_same_wherever_a_dark_patch_has_come_to(pixels):
    patch = np.full_like(PHOTO, 0.5)
    patch[56:62, 60:66] = 0.2
    assert motion.texture_contrast(shifted(patch, pixels), patch, MOVING) == pytest.approx(1.0)
    down = np.roll(patch, pixels, axis=0)
    assert motion.texture_contrast(down, patch, MOVING) == pytest.approx(1.0)


def test_the_error_of_measured_flow():
    soft = texture(1, 2.0)
    true = -toward(1)
    assert motion.flow_error(soft, shifted(soft, 1), true, MOVING) < 0.2
    assert motion.flow_error(soft, soft, true, MOVING) == pytest.approx(1.0, abs=0.05)


def test_change_error_forgives_a_constant_difference():
    first, second = texture(0), texture(1)
    assert motion.change_error(first + 0.1, second + 0.1, first, second) == pytest.approx(
        0, abs=1e-4
    )
    assert motion.change_error(first, first, first, second) > 10


def test_flicker_is_that_of_what_stands():
    frames = [np.where(MOVING[..., None], texture(seed), PHOTO) for seed in range(4)]
    assert motion.flicker(frames, ~MOVING) == 0.0
    restless = [PHOTO + value / 255 for value in (-2, 2, -2, 2)]
    assert motion.flicker(restless, ~MOVING) == pytest.approx(2.0, abs=1e-3)


def test_a_seam_is_a_jump_beyond_the_usual_change():
    a, b, c = (shifted(PHOTO, pixels) for pixels in (0, 1, 2))
    assert motion.loop_seam(a, b, c) == pytest.approx(1.0, abs=0.05)
    assert motion.loop_seam(a, b, texture(7)) > 1.5


def test_gradient_deviation_ranks_damage():
    assert motion.gradient_deviation(PHOTO, PHOTO) == 0.0
    slight = motion.gradient_deviation(PHOTO, cv2.GaussianBlur(PHOTO, (0, 0), 0.6))
    severe = motion.gradient_deviation(PHOTO, texture(9))
    assert 0 < slight < severe
