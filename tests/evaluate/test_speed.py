"""The share of a true motion at which something is seen to move."""

import numpy as np
import pytest
from tests.evaluate.test_motion_metrics import MOVING, WIDTH, texture, toward

from livescape.evaluate.speed import speed_share


def moved(image, pixels):
    """The image moved right by any number of pixels, round its edge."""
    frequency = np.fft.rfftfreq(WIDTH)[None, :, None]
    spectrum = np.fft.rfft(image, axis=1) * np.exp(-2j * np.pi * frequency * pixels)
    return np.fft.irfft(spectrum, WIDTH, axis=1).astype(np.float32)


@pytest.mark.parametrize("pixels", [0.15, 0.7, 3.0])
@pytest.mark.parametrize("share", [0.0, 0.5, 1.0, 1.3])
def test_it_is_the_share_of_the_true_motion(pixels, share):
    soft = texture(1, 2.0)
    found = speed_share(soft, moved(soft, share * pixels), -toward(pixels), MOVING)
    assert found == pytest.approx(share, abs=0.05)


def test_what_has_no_texture_and_what_is_exchanged_do_not_count():
    soft = texture(1, 2.0)
    soft[:, 60:] = 0.5  # more than half of it is bare
    after = moved(texture(1, 2.0), 0.5)
    after[:, 60:] = 0.5
    after[40:60, 10:25] = texture(2, 2.0)[40:60, 10:25]
    assert speed_share(soft, after, -toward(0.5), MOVING) == pytest.approx(1.0, abs=0.05)


def test_where_nothing_moves_or_is_seen_there_is_no_speed():
    soft = texture(1, 2.0)
    assert np.isnan(speed_share(soft, soft, toward(0.01), MOVING))
    bare = np.full_like(soft, 0.5)
    assert np.isnan(speed_share(bare, bare, toward(1.0), MOVING))
