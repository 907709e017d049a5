"""Copies come and go by life; in a loop what is left hands over, place by place."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from livescape.motion.handover import NEVER, courses, fade_length, handover, lifetimes
from livescape_shared.conventions import FOR_EVER, SINCE_EVER, window

FADE = 0.1


@settings(max_examples=100, deadline=None)
@given(st.integers(1, 20), st.integers(0, 10_000))
def test_lifetimes_end_where_a_plain_walk_first_leaves(half, seed):
    random = np.random.default_rng(seed)
    mask = random.choice(np.float32([1.0, 0.9, 0.4]), (2 * half + 1, 9), p=[0.5, 0.35, 0.15])
    within = random.random((2 * half + 1, 9)) < 0.9
    mask[half], within[half] = 1.0, True
    found = lifetimes(mask, within) * half
    for m in range(9):
        forward = backward = 0
        while forward < half and mask[half + forward + 1, m] > 0.5:
            forward += 1
        while (
            backward < half
            and (mask[:, m] > 0.5)[half - backward - 1]
            and (within[half - backward - 1, m])
        ):
            backward += 1
        # Who never leaves lives beyond the end.
        expected = [-2 * half if backward == half else -backward,
                    2 * half if forward == half else forward]  # fmt: skip
        np.testing.assert_allclose(found[m], expected, atol=1e-4)


def test_a_life_ends_where_the_surface_bends():
    """Level water, then a fall, then its pool; a river's bend is level."""
    motion = np.float32([[1, 0, 0], [0, 1, 0], [0, 1, -0.5], [0, 0, -1], [0, 0, -3], [-1, 0, 0]])
    course = courses(motion)
    np.testing.assert_allclose(np.degrees(course[:, 0]), [0, 0, -26.57, -90, -90, 0], atol=0.01)
    np.testing.assert_allclose(np.exp(course[:, 1]), np.linalg.norm(motion, axis=1), rtol=1e-6)
    assert courses(np.zeros(3))[0] == 0.0
    walks = np.stack([course[[0, 1, 2, 3, 4]], course[[2, 3, 4, 4, 5]]], axis=1)
    everywhere = np.ones((5, 2), np.float32)
    found = 2 * lifetimes(everywhere, everywhere > 0, walks)
    np.testing.assert_allclose(found, [[-4, 0], [-1, 1]])


def test_what_comes_to_another_surface_lingers_there_but_never_beyond_the_region():
    """A fall whose pool lies within the region, and one whose pool ends after half a frame."""
    motion = np.float32([[0, 0, -1], [0, 0, -3], [-1, 0, 0], [-1, 0, 0], [-1, 0, 0]])
    course = courses(motion)
    walks = np.stack([course[[0, 0, 0, 1, 2, 3, 4]]] * 2, axis=1)
    mask = np.ones((7, 2), np.float32)
    mask[5:, 1] = 0.0
    found = 3 * lifetimes(mask, mask >= 0, walks, lingers=1.5 / 3)[:, 1]
    np.testing.assert_allclose(found, [1.5, 1.0])


def test_a_life_ends_where_what_flows_is_braked():
    """A fall gathers speed; the pixels at its foot, of one slope, hardly flow."""
    speeds = np.float32([1, 2, 4, 8, 1, 0.2, 0.2])
    course = courses(np.stack([0 * speeds, 0 * speeds, -speeds], axis=-1))
    walks = np.stack([course[0:5], course[2:7]], axis=1)  # in its midst at 4, at its foot at 1
    everywhere = np.ones((5, 2), np.float32)
    found = 2 * lifetimes(everywhere, everywhere > 0, walks)
    np.testing.assert_allclose(found, [[-4, 1], [0, 0]])


def test_what_leaves_goes_and_what_comes_in_comes_and_nothing_else():
    life = np.float32([[-2, 2], [-2, 0.6], [-0.25, 2], [0, 0]])
    appears, vanishes = handover(life, None, FADE).T
    np.testing.assert_allclose(appears, [NEVER, NEVER, 0.8, 1.05], atol=1e-6)
    np.testing.assert_allclose(vanishes, [FOR_EVER, 0.55, FOR_EVER, 0.05], atol=1e-6)


def channel(speed, mask, moments, steps=200):
    """Columns of a channel that flows right, ``speed`` channels in a loop, as trajectories."""
    s = np.linspace(-1, 1, 2 * steps + 1)[:, None]
    at = np.linspace(0, 1, 101)[None] + speed * s
    here = None if moments is None else np.interp(at, np.linspace(0, 1, 101), moments)
    known = (at >= 0) & (at <= 1)
    moving = np.interp(at, np.linspace(0, 1, 101), mask)
    life = lifetimes(moving.astype(np.float32), known)
    return handover(life, None if here is None else here.astype(np.float32), FADE)


def seen(hands, speed, t, place):
    """How much of the copies is at ``place`` at ``t``: the row that is there, by interpolation."""
    columns = np.linspace(0, 1, 101)
    appears, vanishes = hands.T
    out = window(np.column_stack([np.full(101, SINCE_EVER), vanishes]).astype("f4"), t, FADE)
    into = window(np.column_stack([appears, np.full(101, FOR_EVER)]).astype("f4"), t, FADE)
    first = np.interp(place - speed * t, columns, out, left=0.0, right=0.0)
    second = np.interp(place + speed * (1 - t), columns, into, left=0.0, right=0.0)
    return first, second


@pytest.mark.parametrize("t", [0.05, 0.35, 0.5, 0.7, 0.9])
@pytest.mark.parametrize("speed", [0.3, 0.6])
def test_in_a_loop_nothing_hands_over_to_what_is_not_there(speed, t):
    """The channel ends at 0.7. There no copy comes that could take over from what leaves."""
    mask = (np.linspace(0, 1, 101) <= 0.7).astype(float)
    hands = channel(speed, mask, np.full(101, 0.2))
    hands[mask == 0] = NEVER, SINCE_EVER  # there is nothing that moves
    places = np.linspace(0.02, 0.62, 60)
    out, into = np.array([seen(hands, speed, t, place) for place in places]).T
    # neither copy may be known where water passes through the whole channel in less than a loop
    gap = (places < speed * t) & (places > 0.7 - speed * (1 - t))
    fading = np.abs(places - speed * t) < speed * FADE
    fading |= np.abs(places - 0.7 + speed * (1 - t)) < speed * FADE
    settled = ~gap & ~fading & (places > speed * FADE + 0.02)
    assert settled.sum() > 10
    np.testing.assert_allclose((out + into)[settled], 1.0, atol=0.02)


@pytest.mark.parametrize("looped", [False, True])
@pytest.mark.parametrize("t", [0.0, 0.2, 0.45, 0.7, 1.0])
def test_every_place_of_a_channel_shows_one_copy(t, looped):
    moments = 0.3 + 0.4 * np.linspace(0, 1, 101) ** 2 if looped else None
    hands = channel(0.3, np.ones(101), moments)
    places = np.linspace(0.0, 0.69, 60)
    both = np.array([seen(hands, 0.3, t, place) for place in places])
    # what comes in fades in at the edge
    settled = (np.abs(places - 0.3 * t) > 0.3 * FADE + 0.02) & (places > 0.3 * FADE + 0.02)
    np.testing.assert_allclose(both.sum(axis=1)[settled], 1.0, atol=0.02)
    ghostly = both.min(axis=1) > 0.02
    assert ghostly.mean() < (0.45 if looped else 0.1)
    if looped and t in (0.0, 1.0):
        assert (both[:, int(t)] == 1.0).all()


def test_a_loop_shows_one_first_frame_and_the_same_last_one():
    random = np.random.default_rng(0)
    life = np.column_stack([-random.uniform(0, 2, 500), random.uniform(0, 2, 500)])
    moments = random.uniform(0, 1, (41, 500)).astype(np.float32)
    appears, vanishes = handover(life.astype(np.float32), moments, FADE).T
    for times in (appears, vanishes):
        assert times.min() >= FADE / 2 - 1e-6
        assert times.max() <= 1 - FADE / 2 + 1e-6


def test_a_copy_hands_over_when_it_reaches_the_moment_of_its_place():
    """It moves through moments that fall or rise."""
    steps, rise = 400, np.float64([-0.3, 0.0, 0.3])
    s = np.linspace(-1, 1, 2 * steps + 1)[:, None]
    life = np.tile(np.float32([-2, 2]), (3, 1))
    appears, vanishes = handover(life, (0.5 + rise * s).astype(np.float32), FADE).T
    np.testing.assert_allclose(vanishes, 0.5 / (1 - rise), atol=5e-3)  # t = 0.5 + rise t
    np.testing.assert_allclose(appears, (0.5 - rise) / (1 - rise), atol=5e-3)


def test_fades_are_short_but_never_the_whole_loop():
    assert fade_length(100) == pytest.approx(0.02)
    assert fade_length(2) == 0.25
