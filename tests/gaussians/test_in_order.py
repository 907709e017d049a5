"""What lies at one depth keeps the order in which it was drawn."""

from dataclasses import replace

import numpy as np
from tests.gaussians.test_zoom import PHOTO, wall

from livescape.gaussians.in_order import SPAN, apart_in_depth
from livescape.gaussians.render import render

RANDOM = np.random.default_rng(3)


def coloured_wall():
    colours = RANDOM.uniform(0.0, 1.0, (3072, 3)).astype(np.float32)
    return replace(wall(pixels=1.0), colors=colours)


def picture(gaussians):
    return render(gaussians, PHOTO, "linear").image


def trembling(gaussians):
    """Return Gaussians whose depths are rounded anew, as if they had moved there."""
    means = gaussians.means.copy()
    means[:, 2] *= 1.0 + 3e-7 * RANDOM.uniform(-1.0, 1.0, len(means)).astype(np.float32)
    return replace(gaussians, means=means)


def test_rounding_no_longer_decides_what_is_in_front():
    together = coloured_wall()
    jump = np.abs(picture(trembling(together)) - picture(together)).max()
    parted = apart_in_depth(together, PHOTO)
    assert jump > 0.05
    assert np.abs(picture(trembling(parted)) - picture(parted)).max() < 0.1 * jump


def test_the_photo_sees_the_same_as_before():
    near, far = coloured_wall(), replace(coloured_wall(), opacities=np.full(3072, 0.6, np.float32))
    near = replace(near, means=near.means * np.linspace(1.2, 0.8, 3072, dtype=np.float32)[:, None])
    for each in (near, far):
        found = apart_in_depth(each, PHOTO)
        np.testing.assert_allclose(picture(found), picture(each), atol=2e-3)
        order = [np.argsort(some.means[:, 2], kind="stable") for some in (found, each)]
        np.testing.assert_array_equal(*order)
        ratio = found.means[:, 2] / each.means[:, 2]
        assert 1.0 <= ratio.min() < ratio.max() <= 1.0 + SPAN


def test_none_stay_none():
    assert not len(apart_in_depth(wall()[[]], PHOTO))
