"""What is made on a floor, as seen from straight above."""

import cv2
import numpy as np
import pytest
from tests.contexts import here
from tests.points.support import camera, texture

from livescape.points.floor import Floor
from livescape.points.rectified import DETAIL, SOURCE_REACH, lends_texture, synthesised, with_detail

WIDTH, HEIGHT, HORIZON, BOTTOM = 128, 80, 20, 59
VIEW = camera(WIDTH, HEIGHT, 100.0)
FLOOR = Floor((HEIGHT / 2 - HORIZON) / 100.0 * 0.5, (0.0, 0.5))
ROWS = np.arange(HEIGHT)[:, None] + np.zeros((1, WIDTH), int)


def test_nothing_of_what_is_not_known_runs_into_the_texture():
    """Below the photo's last row its array holds any colour, here blue: no line of it is seen."""
    ground = np.stack([0.3 + 0.2 * texture(HEIGHT, WIDTH)[..., 0]] * 2, axis=-1)
    image = np.concatenate([ground, np.zeros((HEIGHT, WIDTH, 1))], axis=-1).astype(np.float32)
    image[BOTTOM + 1 :] = (0.0, 0.0, 1.0)
    wanted, source = ROWS > BOTTOM, (ROWS > HORIZON + 8) & (ROWS <= BOTTOM)
    made = synthesised(
        here(), image, wanted, source, FLOOR, VIEW, BOTTOM, WIDTH * HEIGHT, "patchmatch"
    )
    assert made is not None
    assert made[:, 2].max() < 0.02
    assert made[:, 0].min() > 0.2


def test_texture_is_lent_up_to_a_distance():
    lends = lends_texture(FLOOR, VIEW, BOTTOM)
    below = ROWS + 0.5 - HORIZON
    farthest = (BOTTOM + 0.5 - HORIZON) / SOURCE_REACH
    np.testing.assert_array_equal(lends, below > farthest)


@pytest.mark.parametrize("blurred", [0.0, 1.5, 4.0])
def test_what_an_inpainter_blurs_gets_the_detail_of_what_is_beside_it(blurred):
    grain = (0.4 + 0.2 * np.random.default_rng(3).standard_normal((90, 120, 1))).clip(0, 1)
    image = np.repeat(cv2.GaussianBlur(grain, (0, 0), 0.7)[..., None], 3, axis=2)
    image = image.astype(np.float32)
    known = np.zeros((90, 120), bool)
    known[:60, 10:] = True
    made = ~known
    given = image.copy()
    if blurred:
        given[made] = cv2.GaussianBlur(image, (0, 0), blurred)[made]
    found = with_detail(given, known, made)
    np.testing.assert_array_equal(found[known], given[known])
    far = np.zeros_like(made)
    far[64:, 14:] = True
    assert detail(found)[far].std() == pytest.approx(detail(image)[known].std(), rel=0.15)
    if not blurred:
        assert np.abs(found - given)[far].mean() < 0.2 * detail(image)[known].std()


def test_even_ground_gets_no_detail():
    given = np.full((60, 60, 3), 0.5, np.float32)
    known = np.zeros((60, 60), bool)
    known[:30] = True
    np.testing.assert_allclose(with_detail(given, known, ~known), given, atol=1e-6)


def detail(image):
    return image - cv2.GaussianBlur(image, (0, 0), DETAIL)
