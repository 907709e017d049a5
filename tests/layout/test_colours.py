"""Pixels of one colour agree on what they show."""

import numpy as np

from livescape.layout.colours import agree_by_colour
from livescape.layout.types import GROUND, SKY, WATER

HEIGHT, WIDTH = 60, 90


def scene(near_water):
    """A blue river in green land; the classifier recognises only its far half."""
    random = np.random.default_rng(0)
    labels = np.full((HEIGHT, WIDTH), GROUND)
    labels[:, 30:60] = WATER
    image = np.where(labels[..., None] == WATER, (0.35, 0.45, 0.55), (0.3, 0.4, 0.15))
    image = (image + random.normal(0, 0.02, image.shape)).clip(0, 1).astype(np.float32)
    planes = np.full((5, HEIGHT, WIDTH), 0.025, np.float32)
    planes[GROUND], planes[WATER] = 0.6, 0.325
    planes[WATER, :30, 30:60], planes[GROUND, :30, 30:60] = 0.9, 0.025
    planes[WATER, 30:, 30:60], planes[GROUND, 30:, 30:60] = near_water, 0.925 - near_water
    return labels, image, planes / planes.sum(axis=0)


def test_water_that_was_half_recognised_is_water_all_over():
    labels, image, planes = scene(near_water=0.35)
    assert (planes.argmax(axis=0)[30:, 30:60] == GROUND).all()
    found = agree_by_colour(planes, image)
    np.testing.assert_allclose(found.sum(axis=0), 1.0, atol=1e-5)
    assert (found.argmax(axis=0) == labels).mean() > 0.98


def test_what_the_classifier_is_sure_of_stays():
    """A lake under the sky that it mirrors has the sky's colours, and is none."""
    random = np.random.default_rng(1)
    image = (np.full((HEIGHT, WIDTH, 3), 0.6) + random.normal(0, 0.02, (HEIGHT, WIDTH, 3))).clip(
        0, 1
    )
    planes = np.full((5, HEIGHT, WIDTH), 0.01, np.float32)
    planes[SKY, :30] = planes[WATER, 30:] = 0.96
    found = agree_by_colour(planes, image.astype(np.float32)).argmax(axis=0)
    assert (found[:30] == SKY).all()
    assert (found[30:] == WATER).all()
