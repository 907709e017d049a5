"""Still water hangs below its shore."""

import numpy as np
import pytest

from livescape.depth.reflections import mirrored_depth
from livescape.layout.types import GROUND, SKY, UPRIGHT, WATER, SceneLayout

HEIGHT, WIDTH, SHORE, HORIZON = 120, 160, 60, 50


def lake(mirror):
    """A town before the sky, and a lake below it with a bank on its left."""
    labels = np.full((HEIGHT, WIDTH), SKY)
    labels[30:SHORE] = UPRIGHT
    labels[SHORE:] = WATER
    labels[90:, :30] = GROUND
    depth = 1000.0 / np.maximum(np.arange(HEIGHT) + 0.5 - HORIZON, 5.0)
    depth[:SHORE] = depth[SHORE]
    probabilities = np.where(np.arange(5)[:, None, None] == labels, 0.96, 0.01)
    none = np.zeros((HEIGHT, WIDTH), np.float32)
    planes = none, none, np.full((HEIGHT, WIDTH), mirror, np.float32)
    layout = SceneLayout(probabilities.astype(np.float32), HORIZON, *planes)
    surface = np.broadcast_to(depth[:, None], (HEIGHT, WIDTH)).astype(np.float32)
    return surface, layout


def test_a_mirror_is_as_far_as_its_shore_and_a_bank_stays_near():
    depth, layout = lake(0.9)
    result = mirrored_depth(depth, layout)
    water = layout.labels == WATER
    np.testing.assert_allclose(result[water], depth[SHORE, 0], rtol=1e-5)
    np.testing.assert_array_equal(result[~water], depth[~water])


@pytest.mark.parametrize("mirror", [0.0, 0.4])
def test_water_that_hardly_mirrors_stays_on_its_plane(mirror):
    depth, layout = lake(mirror)
    np.testing.assert_array_equal(mirrored_depth(depth, layout), depth)


def test_of_two_lakes_only_the_still_one_is_a_mirror():
    depth, layout = lake(0.9)
    layout.probabilities[:, :, 70:90] = 0.01
    layout.probabilities[UPRIGHT, :, 70:90] = 0.96
    layout.mirror[:, 90:] = 0.1
    result = mirrored_depth(depth, layout)
    assert (result[SHORE + 20, 30:70] > depth[SHORE + 20, 30:70]).all()
    np.testing.assert_array_equal(result[:, 90:], depth[:, 90:])


def test_no_depth_comes_nearer():
    depth, layout = lake(0.9)
    depth = depth.copy()
    depth[SHORE] = 1.0
    assert (mirrored_depth(depth, layout) >= depth).all()
