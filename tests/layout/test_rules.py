"""Region rules and the horizon on drawn scenes."""

import numpy as np
import pytest

from livescape.layout.horizon import estimate_horizon, sea_line
from livescape.layout.rules import apply_rules
from livescape.layout.types import GROUND, RELIEF, SKY, UPRIGHT, WATER

SIZE = (100, 150)


def probabilities_of(labels, second=UPRIGHT):
    """Return probabilities that are 0.7 for the label and 0.2 for a second choice."""
    planes = np.full((5, *labels.shape), 0.025, np.float32)
    np.put_along_axis(planes, np.full_like(labels, second)[None], 0.225, axis=0)
    np.put_along_axis(planes, labels[None], 0.7, axis=0)
    return planes / planes.sum(axis=0)


def seascape():
    labels = np.full(SIZE, SKY)
    labels[50:] = WATER
    image = np.zeros((*SIZE, 3), np.float32)
    image[:50], image[50:] = (0.5, 0.7, 0.9), (0.1, 0.3, 0.5)
    return labels, image


def ruled(labels, image, second=UPRIGHT):
    return apply_rules(probabilities_of(labels, second), image).argmax(axis=0)


def test_a_plain_seascape_stays_as_it_is():
    labels, image = seascape()
    np.testing.assert_array_equal(ruled(labels, image), labels)


def test_a_bird_becomes_sky_and_a_mast_does_not():
    labels, image = seascape()
    labels[20:24, 60:70] = UPRIGHT
    labels[30:60, 100:106] = UPRIGHT
    result = ruled(labels, image)
    assert (result[20:24, 60:70] == SKY).all()
    assert (result[30:60, 100:106] == UPRIGHT).all()


@pytest.mark.parametrize("label", [RELIEF, WATER])
def test_what_rests_on_sky_is_a_cloud(label):
    labels, image = seascape()
    labels[10:25, 0:60] = label
    assert (ruled(labels, image)[10:25, 0:60] == SKY).all()


def test_a_mountain_that_rests_on_water_stays():
    labels, image = seascape()
    labels[30:52, 20:80] = RELIEF
    assert (ruled(labels, image)[32:50, 22:78] == RELIEF).all()


def test_sky_mirrored_in_water_is_water():
    labels, image = seascape()
    labels[70:80, 40:60] = SKY
    image[70:80, 40:60] = image[0, 0]
    assert (ruled(labels, image)[70:80, 40:60] == WATER).all()


def test_sky_through_an_arch_stays_and_a_white_wall_does_not():
    labels, image = seascape()
    labels[20:60, 30:120] = UPRIGHT
    labels[32:44, 50:60] = SKY
    image[20:60, 30:120] = (0.4, 0.3, 0.2)
    image[32:44, 50:60] = image[0, 0]
    assert (ruled(labels, image)[34:42, 52:58] == SKY).all()
    image[32:44, 50:60] = (1.0, 0.2, 0.2)
    assert (ruled(labels, image)[34:42, 52:58] == UPRIGHT).all()


def test_water_above_a_sea_horizon_is_sky():
    labels, image = seascape()
    labels[38:50, 60:90] = WATER
    assert (ruled(labels, image)[38:48, 62:88] == SKY).all()


def test_specks_take_the_class_around_them():
    labels, image = seascape()
    labels[80:82, 20:22] = GROUND
    assert (ruled(labels, image, second=WATER)[80:82, 20:22] == WATER).all()


def test_rules_name_an_image_of_another_size():
    labels, image = seascape()
    with pytest.raises(ValueError, match="does not fit"):
        apply_rules(probabilities_of(labels), image[1:])


def test_sea_line_ignores_a_slanted_shore():
    labels, _ = seascape()
    assert sea_line(labels) == pytest.approx(0.5, abs=0.01)
    slanted = np.full(SIZE, SKY)
    slanted[np.arange(100)[:, None] > 20 + 0.5 * np.arange(150)] = WATER
    assert sea_line(slanted) is None


def test_horizon_is_above_the_farthest_flat_surface():
    labels = np.full(SIZE, SKY)
    labels[40:70] = RELIEF
    labels[70:] = GROUND
    assert 0.6 < estimate_horizon(probabilities_of(labels)) < 0.7


def test_horizon_of_a_lookout_is_not_the_water_in_the_gorge():
    labels = np.full(SIZE, SKY)
    labels[20:] = RELIEF
    labels[75:82, 20:60] = WATER
    assert estimate_horizon(probabilities_of(labels)) < 0.5


def test_horizon_of_a_cloud_photograph_is_below_it():
    assert estimate_horizon(probabilities_of(np.full(SIZE, SKY))) > 1.0


def test_horizon_of_a_wall_is_inside():
    assert 0.2 < estimate_horizon(probabilities_of(np.full(SIZE, RELIEF))) < 0.6


def test_horizon_crosses_what_stands_at_the_height_of_the_eye():
    """A cliff of 60 rows above a pool: eyes at 2 m see the horizon at a fifth of its 10 m."""
    labels = np.full(SIZE, UPRIGHT)
    labels[:20] = SKY
    labels[80:] = WATER
    assert estimate_horizon(probabilities_of(labels)) == pytest.approx(0.66, abs=0.01)


def test_ground_on_a_cliff_is_not_the_plane():
    labels = np.full(SIZE, UPRIGHT)
    labels[:10] = GROUND
    labels[80:] = WATER
    without = labels.copy()
    without[:10] = UPRIGHT
    assert estimate_horizon(probabilities_of(labels)) == pytest.approx(
        estimate_horizon(probabilities_of(without)), abs=0.03
    )


def test_sky_is_never_below_the_horizon():
    """Banks rise on both sides of a gorge; sky is seen down to where they meet."""
    labels = np.full(SIZE, GROUND)
    rows, columns = np.indices(SIZE)
    labels[rows < 45 - np.abs(columns - 75) * 0.6] = SKY
    horizon = estimate_horizon(probabilities_of(labels))
    assert 0.4 < horizon < 0.47


@pytest.mark.parametrize("second", [RELIEF, UPRIGHT])
def test_a_cloud_that_was_taken_for_land_is_sky_for_certain(second):
    labels, image = seascape()
    labels[20:24, 60:70] = second
    labels[10:25, 0:50] = RELIEF
    result = apply_rules(probabilities_of(labels, second), image)
    assert result[SKY, 20:24, 60:70].min() > 0.9
    assert result[SKY, 10:25, 0:50].min() > 0.9
