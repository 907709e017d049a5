"""What is made on a floor, as seen from straight above."""

import numpy as np
from tests.contexts import here
from tests.points.support import camera, texture

from livescape.points.floor import Floor
from livescape.points.rectified import SOURCE_REACH, lends_texture, synthesised

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
