"""How fast a loop hands over: evenly, or so that the picture's texture stays as strong."""

import numpy as np
import pytest

from livescape.motion.pace import EARLIEST, LATEST, Strength, paced, texture

PLACES = 2000
TIMES = np.linspace(EARLIEST, LATEST, 7)
EVEN = np.linspace(EARLIEST, LATEST, PLACES)
FREE = np.zeros(PLACES), np.ones(PLACES)


def strength(gain: float, lack: float, weights: np.ndarray | None = None) -> Strength:
    """Outgoing copies gain by ``gain`` in a loop; incoming ones lack ``lack`` of it at first."""
    photo = np.ones(PLACES) if weights is None else weights
    outgoing = photo * (1.0 + gain * TIMES[:, None])
    incoming = photo * (1.0 - lack * (1.0 - TIMES[:, None]))
    return Strength(TIMES, outgoing, incoming, photo)


def drift(moments: np.ndarray, given: Strength) -> float:
    """Largest change of the texture's variance over the middle of the loop."""
    shown = [
        np.where(moments <= t, incoming, outgoing).sum() / given.photo.sum()
        for t, outgoing, incoming in zip(TIMES, given.outgoing, given.incoming, strict=True)
    ]
    return float(np.abs(np.array(shown) - 1.0).max())


def test_copies_that_are_alike_hand_over_evenly():
    found = paced(np.arange(PLACES), *FREE, strength(0.0, 0.0))
    np.testing.assert_allclose(found, EVEN, atol=0.03)


@pytest.mark.parametrize(("gain", "lack"), [(0.5, 0.1), (0.1, 0.5), (0.3, 0.3)])
def test_texture_stays_as_strong_as_it_was(gain, lack):
    given = strength(gain, lack)
    found = paced(np.arange(PLACES), *FREE, given)
    assert (np.diff(found) >= 0.0).all()
    assert drift(found, given) <= max(0.75 * drift(EVEN, given), 0.04)


def test_bounds_are_kept_and_the_others_make_up_for_them():
    """Half of all places must hand over at once, which makes the picture weak."""
    earliest, latest = FREE
    latest = np.where(np.arange(PLACES) % 2 == 0, 0.15, latest)
    earliest = np.where(np.arange(PLACES) % 20 == 1, 0.8, earliest)
    given = strength(0.0, 0.6)
    order = np.random.default_rng(3).permutation(PLACES)
    found = paced(order, earliest, latest, given)
    assert (found >= earliest).all()
    assert (found <= latest).all()
    even = EVEN[order].clip(earliest, latest)
    assert drift(found, given) < drift(even, given)


def test_texture_is_of_what_moves_alone():
    image = np.zeros((48, 64, 3), np.float32)
    image[:, ::2] = 0.2  # stripes, and a bright bank beside them
    image[:, 40:] = 1.0
    moving = np.zeros((48, 64), bool)
    moving[:, :40] = True
    found = texture(image, moving)
    assert (found[~moving] == 0.0).all()
    np.testing.assert_allclose(found[moving].mean(), 0.01, rtol=0.1)
