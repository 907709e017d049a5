"""What stands in what moves is found: posts, boats, palms; foam, glitter, clouds and lights not."""

import cv2
import numpy as np
import pytest

from livescape.motion.standing import standing_objects, stood_up

HEIGHT, WIDTH = 180, 320
NO_SKY = np.zeros((HEIGHT, WIDTH), bool)
ALL = np.ones((HEIGHT, WIDTH), np.float32)
FLAT = np.full((HEIGHT, WIDTH), 10.0, np.float32)
ROWS = np.arange(HEIGHT, dtype=np.float32)[:, None] + np.zeros((1, WIDTH), np.float32)
PLANE = (60.0 / (ROWS + 20.0)).astype(np.float32)
BROWN, RED = (0.35, 0.22, 0.14), (0.65, 0.2, 0.2)


def waves(seed=0, around=(0.38, 0.46, 0.54), strength=0.05):
    """Rippled water: long streaks of one hue, brighter and darker."""
    noise = np.random.default_rng(seed).normal(size=(HEIGHT, WIDTH)).astype(np.float32)
    streaks = cv2.GaussianBlur(noise, (0, 0), sigmaX=6.0, sigmaY=1.2)
    return np.clip(np.array(around) + strength * (streaks / streaks.std())[..., None], 0, 1)


def drawn(image, shape, colour):
    """The image with a shape of one colour, its edge one pixel soft as a lens draws it."""
    cover = np.zeros((HEIGHT, WIDTH), np.float32)
    cv2.fillPoly(cover, [np.array(shape, np.int32)], 1.0)
    soft = cv2.GaussianBlur(cover, (0, 0), 0.6)[..., None]
    texture = 0.03 * np.random.default_rng(1).normal(size=(HEIGHT, WIDTH, 1))
    mixed = image * (1 - soft) + soft * np.clip(np.array(colour) + texture, 0, 1)
    return mixed.astype(np.float32), cover > 0.5


POST = [(150, 40), (158, 40), (158, 120), (150, 120)]
BOAT = [(60, 90), (110, 90), (102, 106), (68, 106)]


@pytest.mark.parametrize(("shape", "colour"), [(POST, BROWN), (BOAT, RED)])
@pytest.mark.parametrize("seed", [0, 1])
def test_a_post_and_a_boat_under_the_mask_are_found_by_colour_alone(shape, colour, seed):
    image, there = drawn(waves(seed), shape, colour)
    found = standing_objects(image, ALL, FLAT, NO_SKY)
    assert found[there].mean() > 0.97
    assert found[~cv2.dilate(there.astype(np.uint8), np.ones((5, 5))).astype(bool)].mean() < 1e-3


def test_a_post_of_the_waters_own_colour_is_found_where_depth_shows_it():
    image, there = drawn(waves(), POST, (0.38, 0.46, 0.54))
    depth = PLANE.copy()
    depth[there] = PLANE[120, 0]
    upper = there & (ROWS < 100)  # at its foot it is as near as the water
    assert not standing_objects(image, ALL, depth, NO_SKY)[upper].any()
    found = standing_objects(image, ALL, depth, NO_SKY, measured=True)
    assert found[upper].mean() > 0.95
    assert found[~there].mean() < 0.005


def foam(image):
    for left, top in ((30, 60), (150, 100), (230, 140)):
        image, _ = drawn(image, [(left, top), (left + 30, top), (left + 20, top + 4)], (0.9,) * 3)
    return image


def glitter(image):
    sparks = np.random.default_rng(2).random((HEIGHT, WIDTH)) < 0.01
    return np.where(sparks[..., None], 0.98, image).astype(np.float32)


def shadows_of_waves(image):
    for left, top in ((30, 60), (120, 100), (200, 140)):
        shape = [(left, top), (left + 60, top - 1), (left + 60, top + 3)]
        image, _ = drawn(image, shape, (0.2, 0.26, 0.32))
    return image


def lights_mirrored(image):
    for left in (60, 140, 260):
        shape = [(left, 40), (left + 6, 40), (left + 6, 90), (left, 90)]
        image, _ = drawn(image, shape, (0.9, 0.6, 0.2))
    return image


@pytest.mark.parametrize("adds", [lambda i: i, foam, glitter, shadows_of_waves, lights_mirrored])
@pytest.mark.parametrize("measured", [False, True])
def test_what_water_does_by_itself_goes_on_moving(adds, measured):
    image = adds(waves().astype(np.float32)).astype(np.float32)
    assert standing_objects(image, ALL, PLANE, NO_SKY, measured=measured).mean() < 1e-3


def clouds(seed=0):
    noise = np.random.default_rng(seed).normal(size=(HEIGHT, WIDTH)).astype(np.float32)
    cover = cv2.GaussianBlur(noise, (0, 0), 9.0)
    cover = np.clip(0.5 + cover / cover.std(), 0.0, 1.0)[..., None]
    shade = 0.7 + 0.3 * np.clip(cv2.GaussianBlur(noise, (0, 0), 15.0) * 20, 0, 1)[..., None]
    return (cover * shade + (1 - cover) * np.array([0.3, 0.5, 0.85])).astype(np.float32)


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_a_palm_before_the_clouds_is_found_and_the_clouds_are_not(seed):
    image, sky = clouds(seed), ROWS < 140
    image[~sky] = (0.15, 0.25, 0.1)
    mask = np.where(sky, 1.0, 0.0).astype(np.float32)
    assert standing_objects(image, mask, FLAT, sky).mean() < 1e-3
    trunk = [(100, 40), (104, 40), (108, 150), (102, 150)]
    image, there = drawn(image, trunk, (0.18, 0.15, 0.1))
    for tip in ((70, 30), (80, 15), (104, 8), (130, 18), (136, 34)):
        frond = [(102, 40), ((102 + tip[0]) // 2, tip[1] - 2), tip, (104, 44)]
        image, part = drawn(image, frond, (0.12, 0.2, 0.08))
        there |= part
    there &= sky
    found = standing_objects(image, mask, FLAT, sky)
    assert found[there].mean() > 0.9
    assert found[~cv2.dilate(there.astype(np.uint8), np.ones((7, 7))).astype(bool)].mean() < 2e-3


def test_what_the_artist_has_drawn_a_hint_on_moves():
    image, there = drawn(waves(), BOAT, RED)
    hint = np.array([[85.0, 98.0]], np.float32)
    assert standing_objects(image, ALL, FLAT, NO_SKY, hints=hint + 100)[there].any()
    assert not standing_objects(image, ALL, FLAT, NO_SKY, hints=hint)[there].any()


def test_a_stroke_that_crosses_an_object_does_not_mean_it():
    image, there = drawn(waves(), BOAT, RED)
    hints = np.array([[85.0, 98.0], [20.0, 98.0], [200.0, 98.0]], np.float32)
    one, three = np.zeros(3, np.int32), np.arange(3, dtype=np.int32)
    along = np.array([[84.0, 98.0], [85.0, 98.0], [200.0, 98.0]], np.float32)
    assert standing_objects(image, ALL, FLAT, NO_SKY, hints=hints, groups=one)[there].any()
    assert not standing_objects(image, ALL, FLAT, NO_SKY, hints=hints, groups=three)[there].any()
    assert not standing_objects(image, ALL, FLAT, NO_SKY, hints=along, groups=one)[there].any()


@pytest.mark.parametrize("share", [0.0, 1.0])
def test_an_empty_mask_and_a_grey_picture_hold_nothing(share):
    grey = np.full((HEIGHT, WIDTH, 3), 0.5, np.float32)
    assert not standing_objects(grey, share * ALL, FLAT, NO_SKY).any()


def test_an_object_that_depth_laid_into_the_water_stands_on_its_foot():
    there = np.zeros((HEIGHT, WIDTH), bool)
    there[40:121, 150:158] = True
    found = stood_up(PLANE, there)
    np.testing.assert_array_equal(found[~there], PLANE[~there])
    np.testing.assert_allclose(found[there][: 8 * 60], PLANE[116, 0], rtol=0.03)
