"""Guesses are careful: strong texture and outlines are moved less, and the mean speed stays."""

import numpy as np
import pytest

from livescape.motion.auto import Setting, auto_flow
from livescape.motion.caution import carefully

HEIGHT, WIDTH = 120, 200
NO_LAND = np.zeros((HEIGHT, WIDTH), bool)


def ripples(strength):
    """Return an image whose texture has ``strength`` [H, W]."""
    noise = np.random.default_rng(3).normal(size=(HEIGHT, WIDTH, 1)) * strength[..., None]
    return (0.5 + np.repeat(noise, 3, axis=-1)).astype(np.float32)


def leftwards(weight, speed=0.2):
    return (weight[..., None] * np.array([-speed, 0.0])).astype(np.float32)


def speed(flow):
    return np.linalg.norm(flow, axis=-1)


def test_strong_texture_moves_less_and_the_rest_by_as_much_faster():
    strength = np.full((HEIGHT, WIDTH), 0.01)
    strength[30:60, 40:90] = 0.05
    weight = np.ones((HEIGHT, WIDTH))
    flow = leftwards(weight)
    found = carefully(flow, weight, ripples(strength), NO_LAND)
    inside, outside = speed(found)[38:52, 50:80].mean(), speed(found)[80:110].mean()
    assert inside == pytest.approx(outside / 5, rel=0.25)
    assert speed(found).mean() == pytest.approx(0.2, rel=1e-3)
    assert (found[..., 0] <= 0).all()
    assert not found[..., 1].any()


@pytest.mark.parametrize("strength", [0.0, 0.02])
def test_even_texture_and_none_move_as_guessed(strength):
    weight = np.ones((HEIGHT, WIDTH))
    flow = leftwards(weight)
    image = ripples(np.full((HEIGHT, WIDTH), strength))
    found = carefully(flow, weight, image, NO_LAND)
    np.testing.assert_allclose(speed(found), 0.2, rtol=0.35)
    assert np.median(speed(found)) == pytest.approx(0.2, rel=0.05)


def test_what_lies_beside_land_moves_less_but_not_beside_a_post():
    weight = np.ones((HEIGHT, WIDTH))
    weight[:40] = 0.0
    weight[:, 100:103] = 0.0
    flow, land = leftwards(weight), weight == 0.0
    image = ripples(np.zeros((HEIGHT, WIDTH)))
    found = speed(carefully(flow, weight, image, land))
    assert found[40, 20] < 0.25 * found[60, 20]
    assert found[80, 98] == pytest.approx(found[80, 20], rel=1e-3)
    assert float((found * weight).sum() / weight.sum()) == pytest.approx(0.2, rel=1e-3)


def test_a_brook_that_is_all_beside_land_is_not_raced_through():
    weight = np.zeros((HEIGHT, WIDTH))
    weight[60:62] = 1.0
    found = carefully(leftwards(weight), weight, ripples(weight * 0.01), weight == 0.0)
    assert 0.0 < speed(found).max() <= 0.4 + 1e-6


def test_nothing_that_moves_is_nothing():
    weight = np.zeros((HEIGHT, WIDTH))
    flow = leftwards(weight)
    assert not carefully(flow, weight, ripples(weight), NO_LAND).any()


def test_the_guess_for_a_photo_keeps_its_mean_speed_and_spares_what_stands_out():
    """Sea below a sky: a rock that was taken for water hardly moves, and falls are left alone."""
    water = np.zeros((HEIGHT, WIDTH), np.float32)
    water[50:] = 1.0
    falls = np.zeros_like(water)
    falls[60:110, 150:190] = 1.0
    strength = np.full((HEIGHT, WIDTH), 0.01)
    strength[80:100, 40:80] = 0.08
    strength[60:110, 150:190] = 0.08
    place = {"sky": 1.0 - water, "water": water, "falls": falls, "focal": 200.0}
    plain = auto_flow(water, Setting(50.0, **place))
    careful = auto_flow(water, Setting(50.0, **place, image=ripples(strength)))
    rock = np.s_[86:94, 48:72]
    assert speed(careful)[rock].mean() < 0.35 * speed(plain)[rock].mean()
    np.testing.assert_allclose(careful[falls > 0], plain[falls > 0])
    level = (water > 0) & (falls == 0)
    assert speed(careful)[level].mean() == pytest.approx(speed(plain)[level].mean(), rel=0.02)
