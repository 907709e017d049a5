"""Holes: filled from what is allowed, smoothly where nothing better is known."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.contexts import here
from tests.points.support import texture

from livescape.imaging.smoothing import fill_smooth
from livescape.inpainting import patchmatch as module
from livescape.inpainting.fill import INPAINTERS, inpaint
from livescape_shared.settings import INPAINTINGS

ENGINES = ["patchmatch", "smooth"]
HEIGHT, WIDTH = 72, 108


@pytest.fixture(params=ENGINES)
def engine(request, monkeypatch):
    """Both ways to fill a hole; the first needs its wheel."""
    if request.param == "smooth":
        monkeypatch.setattr(module, "_patchmatch", lambda: None)
    elif module._patchmatch() is None:
        pytest.skip("PatchMatch is not installed")
    return request.param


def test_every_way_of_the_settings_is_there():
    assert tuple(INPAINTERS) == INPAINTINGS


def holes_at(*boxes):
    holes = np.zeros((HEIGHT, WIDTH), bool)
    for box in boxes:
        holes[box] = True
    return holes


@settings(max_examples=80, deadline=None)
@given(
    st.integers(1, 90),
    st.integers(1, 90),
    st.floats(0.001, 0.5),
    st.integers(0, 1000),
    st.floats(0.0, 1.0, width=32),
)
def test_a_constant_stays_the_same_constant_however_little_is_valid(h, w, share, seed, value):
    valid = np.random.default_rng(seed).random((h, w)) < share
    valid.flat[seed % valid.size] = True
    values = np.where(valid, value, np.nan).astype(np.float32)
    np.testing.assert_allclose(fill_smooth(values, valid), value, atol=1e-5)


@pytest.mark.parametrize("shape", [(96, 128), (20, 300), (300, 20), (2, 50), (1, 7), (64, 64)])
def test_a_far_corner_is_filled_too(shape):
    valid = np.zeros(shape, bool)
    valid[: max(1, shape[0] // 6), : max(1, shape[1] // 6)] = True
    constant = np.full((*shape, 3), [0.25, 0.5, 0.75], np.float32)
    filled = fill_smooth(np.where(valid[..., None], constant, 9.0).astype(np.float32), valid)
    np.testing.assert_allclose(filled, constant, atol=1e-5)


def test_valid_pixels_stay_and_filled_ones_lie_between_their_neighbours():
    image = texture(HEIGHT, WIDTH)
    valid = np.random.default_rng(0).random((HEIGHT, WIDTH)) < 0.3
    filled = fill_smooth(np.where(valid[..., None], image, np.nan).astype(np.float32), valid)
    np.testing.assert_array_equal(filled[valid], image[valid])
    assert np.isfinite(filled).all()
    assert filled.min() >= image[valid].min() - 1e-5
    assert filled.max() <= image[valid].max() + 1e-5
    assert np.abs(filled - image).mean() < np.abs(image - image.mean((0, 1))).mean() / 2


def test_a_ramp_is_continued_smoothly_across_a_hole():
    ramp = (np.arange(WIDTH, dtype=np.float32) / WIDTH)[None] + np.zeros((HEIGHT, 1), np.float32)
    holes = holes_at(np.s_[20:50, 40:60])
    filled = fill_smooth(ramp, ~holes)
    assert np.abs(filled - ramp).max() < 0.08
    assert np.abs(np.diff(filled, axis=1)).max() < 0.05


def test_nothing_valid_and_everything_valid():
    image = texture(HEIGHT, WIDTH)
    np.testing.assert_array_equal(fill_smooth(image, np.zeros((HEIGHT, WIDTH), bool)), 0.0)
    np.testing.assert_array_equal(fill_smooth(image, np.ones((HEIGHT, WIDTH), bool)), image)


def test_pixels_outside_the_holes_are_not_touched(engine):
    image = texture(HEIGHT, WIDTH)
    holes = holes_at(np.s_[10:30, 20:50], np.s_[50:, 90:])
    filled = inpaint(here(), image, holes)
    np.testing.assert_array_equal(filled[~holes], image[~holes])
    assert (filled[holes] != image[holes]).any()
    assert filled.min() >= 0.0
    assert filled.max() <= 1.0


def test_what_is_excluded_is_never_copied(engine):
    """A red object beside the hole; only the blue right side may be used."""
    image = np.zeros((HEIGHT, WIDTH, 3), np.float32)
    image[..., 2] = 0.3 + 0.7 * texture(HEIGHT, WIDTH)[..., 0]
    image[:, :50] = [1.0, 0.0, 0.0]
    sources = np.zeros((HEIGHT, WIDTH), bool)
    sources[:, 72:] = True
    holes = holes_at(np.s_[20:55, 40:72])
    filled = inpaint(here(), image, holes, sources)
    assert filled[holes][:, 0].max() < 0.02
    assert filled[holes][:, 2].min() > 0.25
    np.testing.assert_array_equal(filled[~holes], image[~holes])


@pytest.mark.parametrize("height", [18, 30])
@pytest.mark.parametrize("gap", [0, 30])
def test_what_is_far_from_every_source_is_not_black(engine, height, gap):
    """A strip of sky above trees, as long as the frame and its margins are wide."""
    shape = (height + gap + 22, 520)
    image = np.clip(0.7 + 0.1 * (texture(*shape) - 0.5), 0.0, 1.0).astype(np.float32)
    holes, sources = np.zeros(shape, bool), np.zeros(shape, bool)
    holes[:height] = True
    sources[height + gap :, 220:300] = True
    filled = inpaint(here(), image, holes, sources)
    low, high = image[sources].min(axis=0), image[sources].max(axis=0)
    assert (filled[holes] >= low - 0.02).all()
    assert (filled[holes] <= high + 0.02).all()


def test_what_holes_held_before_does_not_matter(engine):
    image = texture(HEIGHT, WIDTH)
    holes = holes_at(np.s_[20:40, 30:60])
    other = np.where(holes[..., None], [1.0, 0.0, 1.0], image).astype(np.float32)
    np.testing.assert_array_equal(inpaint(here(), image, holes), inpaint(here(), other, holes))


def test_the_same_hole_is_filled_the_same_way_twice(engine):
    image = texture(HEIGHT, WIDTH)
    holes = holes_at(np.s_[20:50, 30:70])
    np.testing.assert_array_equal(inpaint(here(), image, holes), inpaint(here(), image, holes))


def test_without_an_allowed_source_the_rest_of_the_image_is_used(engine):
    image = np.full((HEIGHT, WIDTH, 3), 0.4, np.float32)
    holes = holes_at(np.s_[20:50, 30:70])
    filled = inpaint(here(), image, holes, np.zeros((HEIGHT, WIDTH), bool))
    np.testing.assert_allclose(filled, 0.4, atol=1e-6)


def test_without_holes_the_image_itself_comes_back(engine):
    image = texture(HEIGHT, WIDTH)
    assert inpaint(here(), image, np.zeros((HEIGHT, WIDTH), bool)) is image


def test_texture_is_synthesised_not_blurred():
    if module._patchmatch() is None:
        pytest.skip("PatchMatch is not installed")
    stripes = np.zeros((HEIGHT, WIDTH, 3), np.float32)
    stripes[:, ::6] = stripes[:, 1::6] = stripes[:, 2::6] = 1.0
    holes = holes_at(np.s_[20:52, 40:70])
    filled = inpaint(here(), stripes, holes)
    assert filled[holes].std() > 0.8 * stripes[holes].std()
