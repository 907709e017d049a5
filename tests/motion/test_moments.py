"""Moments of handing over: smooth, evenly spread, and where both copies agree."""

import numpy as np
import pytest
from tests.motion.test_animate import texture

from livescape.motion.moments import OVERTAKEN, moments
from livescape.motion.pace import EARLIEST, LATEST

HEIGHT, WIDTH, LOOP = 96, 128, 20


def flowing(speed=0.5):
    mask = np.zeros((HEIGHT, WIDTH), np.float32)
    mask[8:88, 8:120] = 1.0
    return np.float32([speed, 0.1]) * mask[..., None], mask


def test_they_are_spread_over_all_of_the_loop():
    flow, mask = flowing()
    found = moments(texture(), flow, mask, LOOP)
    assert found.shape == mask.shape
    assert found.dtype == np.float32
    shares, _ = np.histogram(found[mask > 0], bins=6, range=(EARLIEST, LATEST))
    assert (shares >= 0.06 * shares.sum()).all()
    assert (shares <= 0.35 * shares.sum()).all()


@pytest.mark.parametrize("speed", [0.2, 1.0, 2.5])
def test_no_copy_runs_along_with_the_moment_of_its_place(speed):
    flow, mask = flowing(speed)
    found = moments(texture(), flow, mask, LOOP)
    down, right = np.gradient(found)
    along = np.abs(right * flow[..., 0] + down * flow[..., 1])[mask > 0] * LOOP
    assert np.quantile(along, 0.9) <= 2.2 * OVERTAKEN < 0.9


def test_a_place_hands_over_when_both_copies_agree():
    """Above, all but a patch is of one colour: copies agree there unless one is the patch."""
    flow = np.zeros((HEIGHT, WIDTH, 2), np.float32)
    flow[..., 0] = 3.0
    image = np.full((HEIGHT, WIDTH, 3), 0.5, np.float32)
    image[:, 20:44] = 1.0  # outgoing at column 56 at t = 0.4, incoming at column 8 then
    found = moments(image, flow, np.ones((HEIGHT, WIDTH), np.float32), LOOP)
    early_at, late_at = 76 - 20, 32 + 42
    ordered = found.mean(axis=0)
    # the patch passes column 44 until t = 0.4, so that this hands over later than column 76
    assert ordered[44] > ordered[early_at + 40] or ordered[44] > ordered[late_at + 30]


@pytest.mark.parametrize("backward", [False, True])
def test_at_the_frame_s_edge_the_copy_is_shown_that_the_photo_shows(backward):
    """Water enters at column 0 and leaves at the other edge, 20 pixels a loop."""
    flow = np.zeros((HEIGHT, WIDTH, 2), np.float32)
    flow[..., 0] = -1.0 if backward else 1.0
    found = moments(texture(), flow, np.ones((HEIGHT, WIDTH), np.float32), LOOP)
    if backward:
        found = found[:, ::-1]
    into, out = np.arange(WIDTH) + 0.5, WIDTH - np.arange(WIDTH) - 0.5
    tolerance = 2.0 / LOOP
    assert (found <= np.minimum(into / LOOP, LATEST) + tolerance).all()
    assert (found >= np.maximum(1.0 - out / LOOP, EARLIEST) - tolerance).all()
    assert found[:, 1].max() < EARLIEST + 0.1
    assert found[:, -2].min() > LATEST - 0.1


def test_what_passes_under_a_rock_is_followed_through_it():
    flow, mask = np.zeros((HEIGHT, WIDTH, 2), np.float32), np.ones((HEIGHT, WIDTH), np.float32)
    flow[..., 0] = 1.0
    mask[30:66, 108:120] = 0.0  # a rock shortly before the edge where the water leaves
    through = moments(texture(), flow, mask, LOOP, region=np.ones_like(mask))
    assert through[34:62, 110].min() > 1.0 - 18.0 / LOOP - 0.1
    assert through[34:62, 122].min() > 1.0 - 6.0 / LOOP - 0.15


def test_what_does_not_move_needs_none():
    found = moments(texture(), np.zeros((HEIGHT, WIDTH, 2)), np.ones((HEIGHT, WIDTH)), LOOP)
    assert (found == 0.5).all()
