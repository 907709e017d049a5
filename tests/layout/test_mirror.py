"""Mirror images in drawn water."""

import cv2
import numpy as np
import pytest

from livescape.layout.mirror import mirror_image, water_edge
from livescape.layout.types import SKY, UPRIGHT, WATER

HEIGHT, WIDTH, SHORE = 160, 240, 80


def noise(seed, shape, sigma):
    values = np.random.default_rng(seed).normal(size=shape).astype(np.float32)
    smooth = cv2.GaussianBlur(values, (0, 0), sigma)
    return smooth / smooth.std()


def shore(skyline=30):
    """A textured town before the sky, above water."""
    labels = np.full((HEIGHT, WIDTH), SKY, np.uint8)
    labels[skyline:SHORE] = UPRIGHT
    labels[SHORE:] = WATER
    image = np.full((HEIGHT, WIDTH), 0.8, np.float32)
    image[skyline:SHORE] = 0.4 + 0.1 * noise(1, (SHORE - skyline, WIDTH), 4.0)
    return image, labels


def rgb(grey):
    return np.repeat(np.clip(grey, 0, 1)[..., None], 3, axis=-1).astype(np.float32)


@pytest.mark.parametrize("tilt", [0, 8])
def test_a_town_in_still_water_is_told_even_through_ripples(tilt):
    image, labels = shore()
    image[SHORE:] = 0.7 * image[SHORE - 1 :: -1][: HEIGHT - SHORE]
    image[SHORE:] += 0.02 * noise(2, (HEIGHT - SHORE, WIDTH), 0.7)
    turn = cv2.getRotationMatrix2D((WIDTH / 2, SHORE), 0.1 * tilt, 1.0)
    image = cv2.warpAffine(image, turn, (WIDTH, HEIGHT), borderMode=cv2.BORDER_REPLICATE)
    found = mirror_image(rgb(image), labels)
    assert found[SHORE + 8 : SHORE + 40, 20:-20].mean() > 0.8


@pytest.mark.parametrize("seed", [3, 4, 5])
def test_waves_are_no_mirror_image_and_neither_is_plain_water(seed):
    image, labels = shore()
    image[SHORE:] = 0.4 + 0.1 * noise(seed, (HEIGHT - SHORE, WIDTH), 4.0)
    assert mirror_image(rgb(image), labels)[labels == WATER].mean() < 0.15
    image[SHORE:] = 0.4
    assert mirror_image(rgb(image), labels)[labels == WATER].mean() < 0.01


def test_the_edge_of_water_is_seen_below_what_stands_and_not_below_the_sky():
    _, labels = shore()
    np.testing.assert_array_equal(water_edge(labels), SHORE)
    labels[60:SHORE, 100:104] = WATER  # a gap between two houses
    np.testing.assert_array_equal(water_edge(labels), SHORE)
    labels[:SHORE] = SKY
    assert (water_edge(labels) == -1).all()
