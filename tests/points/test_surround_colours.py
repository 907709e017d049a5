"""What is invented beyond the frame goes on in the tone of what it continues."""

import numpy as np
import pytest
from tests.points.support import texture

from livescape.points.surround_colours import in_tone

HEIGHT, WIDTH, BORDER = 90, 160, 60
SHOWN = np.zeros((HEIGHT, WIDTH), bool)
SHOWN[:BORDER, 20:] = True
INVENTED = np.zeros((HEIGHT, WIDTH), bool)
INVENTED[BORDER:, 20:] = True


@pytest.mark.parametrize("paler", [-0.1, 0.15])
def test_a_texture_from_farther_away_takes_the_tone_of_the_border(paler):
    image = (0.4 + 0.1 * (texture(HEIGHT, WIDTH) - 0.5)).astype(np.float32)
    image[:, :20] = 0.9  # another kind beside it
    seam = image.copy()
    seam[INVENTED] += paler
    found = in_tone(seam, INVENTED, SHOWN)
    np.testing.assert_array_equal(found[~INVENTED], seam[~INVENTED])
    assert np.abs(found - image)[INVENTED].mean() < 0.02
    np.testing.assert_allclose(found[INVENTED].std(), image[INVENTED].std(), rtol=0.2)


def test_the_tone_is_that_of_the_very_border():
    """A strip of sand before dark rocks of the same kind is continued by sand."""
    image = (0.6 + 0.1 * (texture(HEIGHT, WIDTH) - 0.5)).astype(np.float32)
    image[: BORDER - 5] -= 0.3
    seam = image.copy()
    seam[INVENTED] -= 0.2
    found = in_tone(seam, INVENTED, SHOWN)
    assert abs(found[INVENTED].mean() - image[INVENTED].mean()) < 0.03


def test_what_touches_nothing_of_its_kind_keeps_its_colours():
    image = texture(HEIGHT, WIDTH)
    far = INVENTED.copy()
    far[: BORDER + 8] = False
    assert in_tone(image, far, SHOWN) is image
