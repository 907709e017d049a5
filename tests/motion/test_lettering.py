"""Text over a photo is found by its own evidence, and nothing else in what moves is."""

from dataclasses import replace

import cv2
import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont
from tests.contexts import here
from tests.data.files import load_photo
from tests.layout.photos import layout_of
from tests.pipeline.support import png, request

from livescape.motion.lettering import covered, lettering
from livescape.motion.masks import default_mask
from livescape.stages import depth, layers, layout
from livescape.stages.door import read_inputs

SUBTITLE, DATE, WATERMARK = "We never should have come here.", "2019 07 14 18:32", "SAMPLE IMAGE"


def written(image, text, place, size, colour, opacity=1.0, outline=0):
    """The image with text over it, and where its letters are; place and size are shares."""
    height, width = image.shape[:2]
    layer = Image.new("RGBA", (width, height))
    ImageDraw.Draw(layer).text(
        (place[0] * width, place[1] * height), text, font=ImageFont.load_default(size * height),
        fill=(*colour, 255), stroke_width=outline, stroke_fill=(0, 0, 0, 255),
    )  # fmt: skip
    drawn = np.asarray(layer, np.float32) / 255
    cover = drawn[..., 3:] * opacity
    return (image * (1 - cover) + drawn[..., :3] * cover).astype(np.float32), drawn[..., 3] > 0.5


def moving(name):
    layout = layout_of(name)
    return default_mask(layout.sky, layout.water, load_photo(name)) > 0.5


@pytest.mark.parametrize(
    ("name", "text", "place", "size", "colour", "opacity", "outline"),
    [
        ("eilean_donan", DATE, (0.55, 0.05), 0.045, (255, 150, 40), 1.0, 0),
        ("eilean_donan", "Foto: A. Muster / 2021", (0.5, 0.93), 0.032, (255, 255, 255), 1.0, 0),
        ("golden_temple", SUBTITLE, (0.1, 0.85), 0.06, (255, 255, 255), 1.0, 2),
        ("chenonceau_river", SUBTITLE, (0.1, 0.7), 0.06, (255, 220, 0), 1.0, 1),
        ("mont_st_michel", WATERMARK, (0.3, 0.2), 0.09, (10, 10, 10), 0.5, 0),
        ("mont_st_michel", "\u00a9 example photos", (0.2, 0.15), 0.08, (255, 255, 255), 0.45, 0),
        ("picos_clouds", DATE, (0.5, 0.05), 0.045, (230, 40, 30), 1.0, 0),
        ("great_wall", DATE, (0.3, 0.1), 0.06, (255, 255, 255), 1.0, 0),
        ("creek_cascade", SUBTITLE, (0.1, 0.85), 0.06, (255, 255, 255), 1.0, 2),
    ],
)  # fmt: skip
def test_text_over_water_and_sky_is_found(name, text, place, size, colour, opacity, outline):
    image, letters = written(load_photo(name), text, place, size, colour, opacity, outline)
    found, moves = lettering(image), moving(name)
    assert (letters & moves).sum() > 50
    assert found[letters & moves].mean() > 0.93
    near = cv2.dilate(letters.astype(np.uint8), np.ones((9, 9), np.uint8)) > 0
    assert (found & moves & ~near).mean() < 0.003


@pytest.mark.parametrize(
    "name",
    ["creek_cascade", "eilean_donan", "golden_temple", "great_wall", "mont_st_michel",
     "picos_clouds", "chenonceau_river"],
)  # fmt: skip
@pytest.mark.parametrize("factor", [1.0, 0.6])
def test_nothing_that_moves_is_taken_for_text(name, factor):
    image = load_photo(name)
    size = (round(image.shape[1] * factor), round(image.shape[0] * factor))
    small = cv2.resize(image, size, interpolation=cv2.INTER_AREA)
    found = covered(lettering(small), *image.shape[1::-1])
    assert not (found & moving(name)).any()


def test_rows_of_what_stands_in_water_are_no_text():
    """Birds and foam: as thin and dark or bright as letters, in no line."""
    rng = np.random.default_rng(3)
    for colour in (0.05, 0.95):
        image = np.full((240, 360, 3), 0.5, np.float32)
        for x, y in rng.uniform((10, 10), (350, 230), (60, 2)).astype(int):
            image[y : y + rng.integers(2, 9), x : x + rng.integers(2, 14)] = colour
        assert not lettering(cv2.GaussianBlur(image, (0, 0), 0.6)).any()


def test_little_pictures_and_texture_without_end_hold_no_text():
    assert not lettering(np.zeros((64, 64, 3), np.float32)).any()
    noise = np.random.default_rng(0).random((400, 600, 3)).astype(np.float32)
    assert not lettering(cv2.GaussianBlur(noise, (0, 0), 2)).any()


def test_text_stands_and_water_goes_on_below_it():
    """At the door and in the layers: the letters leave the mask, and the water below is there."""
    image, letters = written(load_photo("chenonceau_river"), SUBTITLE, (0.06, 0.72), 0.08,
                             (255, 220, 0), 1.0, 1)  # fmt: skip
    shown = np.rint(image[..., ::-1] * 255).astype(np.uint8)
    context = here()
    inputs = read_inputs(replace(request(motion="auto", working_size=320), photo=png(shown)))
    known = layout.run(context, inputs)
    estimate = depth.run(context, inputs, known)
    before = layers.motion_mask(inputs, known)
    geometry = layers.run(context, inputs, known, estimate)
    small = cv2.resize(letters.astype(np.float32), before.shape[::-1],
                       interpolation=cv2.INTER_AREA)  # fmt: skip
    on_water = (small > 0.5) & (before > 0.5)
    assert on_water.sum() > 50
    assert geometry.mask[on_water].mean() < 0.05
    assert (geometry.mask[before > 0.5] > 0.5).mean() > 0.8
    margins = geometry.layers.margins
    columns, rows = geometry.cloud.pixels[geometry.cloud.moving > 0].T
    columns, rows = columns - margins.left, rows - margins.top
    inside = (columns >= 0) & (columns < before.shape[1]) & (rows >= 0) & (rows < before.shape[0])
    below = np.zeros(before.shape, bool)
    below[rows[inside], columns[inside]] = True
    assert below[on_water].mean() > 0.8
