"""Motion of what should stand."""

import cv2
import numpy as np
import pytest

from livescape.evaluate.standing import standing_motion

HEIGHT, WIDTH = 96, 160
STANDING = np.zeros((HEIGHT, WIDTH), bool)
STANDING[8:-8, 60:100] = True


def texture(seed, blur=2.0):
    noise = np.random.default_rng(seed).normal(0, 1, (HEIGHT, WIDTH))
    grey = cv2.GaussianBlur(noise, (0, 0), blur)
    return np.repeat(0.5 + 0.15 * (grey / grey.std())[..., None], 3, -1).astype(np.float32)


def moved(image, dx, dy):
    """A shift without loss, round the edges."""
    y, x = np.fft.fftfreq(HEIGHT)[:, None, None], np.fft.fftfreq(WIDTH)[None, :, None]
    turned = np.fft.fft2(image, axes=(0, 1)) * np.exp(-2j * np.pi * (x * dx + y * dy))
    return np.fft.ifft2(turned, axes=(0, 1)).real.astype(np.float32)


PHOTO = texture(1)


@pytest.mark.parametrize(("dx", "dy"), [(0.1, 0.0), (0.0, 0.3), (-0.2, 0.2)])
def test_a_shift_is_measured(dx, dy):
    measured = standing_motion(PHOTO, moved(PHOTO, dx, dy), STANDING)
    assert measured == pytest.approx(np.hypot(dx, dy), rel=0.2)


def test_one_small_thing_that_moves_is_found():
    later = PHOTO.copy()
    later[40:56, 70:90] = moved(PHOTO, 0.4, 0)[40:56, 70:90]
    assert standing_motion(PHOTO, later, STANDING) > 0.25


def test_what_moves_beside_it_does_not_count():
    later = np.where(STANDING[..., None], PHOTO, texture(2))
    assert standing_motion(PHOTO, later, STANDING) == 0


def test_of_an_edge_only_the_motion_across_it_counts():
    picture = np.zeros((HEIGHT, WIDTH, 3), np.float32)
    picture[:, 80:] = 1.0
    picture = cv2.GaussianBlur(picture, (0, 0), 2.0)
    assert standing_motion(picture, moved(picture, 0, 2.0), STANDING) < 0.05
    assert standing_motion(picture, moved(picture, 0.5, 0), STANDING) == pytest.approx(0.5, rel=0.2)


def test_rounding_to_8_bits_moves_nothing():
    noise = np.random.default_rng(3).uniform(-0.5, 0.5, PHOTO.shape) / 255
    assert standing_motion(PHOTO, PHOTO + noise.astype(np.float32), STANDING) < 0.03


def test_nothing_can_be_told_of_nothing():
    flat = np.full_like(PHOTO, 0.5)
    assert np.isnan(standing_motion(flat, flat, STANDING))
    assert np.isnan(standing_motion(PHOTO, PHOTO, np.zeros_like(STANDING)))
