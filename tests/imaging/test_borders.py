"""Letterboxes, pillarboxes and frames around a picture."""

import numpy as np
import pytest
from PIL import Image
from tests.data.files import load_photo
from tests.imaging.test_decode import saved

from livescape.imaging import borders
from livescape.imaging.borders import Border, uniform_border
from livescape.imaging.decode import decode_photo
from livescape_shared.annotation import Annotation

SCENE = load_photo("eilean_donan")[:180, :320]


def framed(top=0, bottom=0, left=0, right=0, colour=(0, 0, 0), quality=None):
    """Return the scene with bars of pixels around it, as a viewer decodes it."""
    height, width = SCENE.shape[:2]
    canvas = np.empty((height + top + bottom, width + left + right, 3), np.uint8)
    canvas[:] = colour
    pixels = SCENE if SCENE.dtype == np.uint8 else np.rint(SCENE * 255).astype(np.uint8)
    canvas[top : top + height, left : left + width] = pixels
    image = Image.fromarray(canvas)
    data = saved(image, "JPEG", quality=quality) if quality else saved(image)
    return decode_photo(data).image


@pytest.mark.parametrize("quality", [None, 95, 75])
@pytest.mark.parametrize("colour", [(0, 0, 0), (255, 255, 255), (240, 233, 214)])
@pytest.mark.parametrize(
    "bars",
    [
        {"top": 30, "bottom": 30},
        {"left": 50, "right": 50},
        {"top": 20, "bottom": 34},
        {"top": 12, "bottom": 12, "left": 12, "right": 12},
    ],
)
def test_bars_are_found_and_left_out(bars, colour, quality):
    image = framed(**bars, colour=colour, quality=quality)
    border = uniform_border(image)
    inner = border.crop(image)
    for side, lost in zip(inner.shape[:2], SCENE.shape[:2], strict=True):
        assert lost - 6 <= side <= lost
    named = {"top": "above", "bottom": "below", "left": "left", "right": "right"}
    assert all(named[bar] in border.sentence() for bar in bars)


def test_a_photo_without_bars_keeps_every_pixel():
    assert not uniform_border(framed())
    assert not uniform_border(framed(top=30))  # one bar alone may be a clear sky


def test_a_sky_and_a_ground_of_one_colour_that_end_unevenly_are_no_border():
    image = framed(top=40, bottom=40, colour=(255, 255, 255))
    ridge = (40 + 30 * np.abs(np.sin(np.arange(image.shape[1]) / 20))).astype(int)
    for column, row in enumerate(ridge):
        image[:row, column] = 1.0
    assert uniform_border(image).top == 0.0


def test_a_map_of_another_size_loses_the_same_share():
    border = Border(top=0.1, bottom=0.2, left=0.25)
    assert border.crop(np.zeros((50, 40))).shape == (35, 30)
    assert border.crop(np.zeros((500, 400, 2))).shape == (350, 300, 2)


@pytest.mark.parametrize("size", range(1, 9))
def test_of_a_tiny_map_something_is_left(size):
    assert min(Border(0.4, 0.4, 0.3, 0.3).crop(np.zeros((size, size))).shape) >= 1
    drawn = Annotation((), np.zeros((0, 2, 2), np.float32), size, size)
    inner = drawn.within(0.3, 0.4, 0.3, 0.4)
    assert min(inner.width, inner.height) >= 1


def test_of_a_photo_without_bars_few_rows_are_looked_at(monkeypatch):
    looked = []

    def counted(apart, most, share=borders._share):
        looked.append(apart.size)
        return share(apart, most)

    monkeypatch.setattr(borders, "_share", counted)
    large = np.repeat(np.repeat(framed(), 4, axis=0), 4, axis=1)
    assert not uniform_border(large)
    assert sum(looked) < 0.15 * large[..., 0].size
