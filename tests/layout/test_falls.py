"""Waterfalls by their streaks, and what is known of the water below them."""

import cv2
import numpy as np
import pytest

from livescape.layout.falls import find_falls, foot_of, with_pools
from livescape.layout.types import GROUND, SKY, UPRIGHT, WATER

HEIGHT, WIDTH = 288, 512
FALL = np.s_[40:210, 220:300]


def scene(streaks=(0.6, 12.0), tint=(0.95, 1.0, 1.05), lightness=0.6, box=FALL, water=0.5):
    """Return a rocky cliff with a box of texture before it, and water at its foot.

    Args:
        streaks: Standard deviations across and along of the box's texture.
        tint: Its colour.
        lightness: Its mean.
        box: Its rows and columns.
        water: What the classifier thinks of the pool.
    """
    random = np.random.default_rng(3)
    rock = cv2.GaussianBlur(random.normal(size=(HEIGHT, WIDTH)), (0, 0), 1.5)
    image = np.full((HEIGHT, WIDTH, 3), 0.35) + 0.25 * rock[..., None]
    noise = random.normal(size=(HEIGHT, WIDTH))
    texture = cv2.GaussianBlur(noise, (0, 0), sigmaX=streaks[0], sigmaY=streaks[1])
    texture *= 0.1 / texture.std()
    image[box] = ((lightness + texture)[..., None] * np.array(tint))[box]
    image[215:] = (0.3, 0.36, 0.42)
    probabilities = np.full((5, HEIGHT, WIDTH), 0.02, np.float32)
    probabilities[UPRIGHT] = 0.92
    probabilities[:, 210:] = 0.02
    probabilities[WATER, 210:], probabilities[GROUND, 210:] = water, 0.94 - water
    return np.clip(image, 0, 1).astype(np.float32), probabilities


def overlap(found):
    true = np.zeros((HEIGHT, WIDTH), bool)
    true[FALL] = True
    return (true & (found > 0.5)).sum() / (true | (found > 0.5)).sum()


def test_a_pale_streaked_sheet_above_water_is_a_fall():
    assert overlap(find_falls(*scene())) > 0.85


@pytest.mark.parametrize(
    "changed",
    [
        {"streaks": (3.0, 3.0)},  # a pale rock
        {"streaks": (12.0, 0.6)},  # courses of a wall
        {"tint": (1.2, 0.9, 0.5)},  # the bark of a tree
        {"lightness": 0.2},  # a dark cleft
        {"box": np.s_[180:205, 220:300]},  # a fence
        {"box": np.s_[40:210, 256:260]},  # a post
        {"water": 0.0},  # a curtain on dry land
    ],
)
def test_what_lacks_one_mark_of_a_fall_is_none(changed):
    assert not find_falls(*scene(**changed)).any()


def test_sky_is_no_fall():
    image, probabilities = scene()
    probabilities[:, 40:210] = 0.01
    probabilities[SKY, 40:210] = 0.96
    assert not find_falls(image, probabilities).any()


@pytest.mark.parametrize("taken_for", [(0.9, 0.04), (0.04, 0.9), (0.4, 0.3)])
def test_what_is_rather_taken_for_sky_or_water_than_for_a_cliff_is_no_fall(taken_for):
    """Streaks of light on a lake, and of rain and ice below clouds."""
    image, probabilities = scene()
    probabilities[:, 40:210] = (1.0 - sum(taken_for)) / 3.0
    probabilities[SKY, 40:210], probabilities[WATER, 40:210] = taken_for
    assert not find_falls(image, probabilities).any()


def test_a_fall_stands_and_there_is_water_at_its_foot():
    image, probabilities = scene(water=0.3)
    falls = find_falls(image, probabilities)
    labels = with_pools(probabilities, falls).argmax(axis=0)
    assert (labels[falls > 0.5] == UPRIGHT).all()
    assert (labels[foot_of(falls > 0.5)] == WATER).mean() > 0.75
    assert (labels[250:, :100] == GROUND).all()
    np.testing.assert_array_equal(with_pools(probabilities, np.zeros_like(falls)), probabilities)
