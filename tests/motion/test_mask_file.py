"""Masks as other tools write them: grey levels, labels, transparency, of 8 and of 16 bits."""

import io

import cv2
import numpy as np
import pytest
from PIL import Image
from tests.imaging.test_decode import ORIENTATION, saved

from livescape.motion.mask_file import read_mask

MOVES = np.zeros((60, 80), bool)
MOVES[20:50, 10:40] = True


def png(pixels):
    return cv2.imencode(".png", pixels)[1].tobytes()


def grey(dtype, level):
    return png(np.where(MOVES, level, 0).astype(dtype))


@pytest.mark.parametrize(
    ("dtype", "level"),
    [(np.uint8, 255), (np.uint8, 1), (np.uint16, 65_535), (np.uint16, 255), (np.uint16, 1)],
)
@pytest.mark.parametrize("channels", [1, 3])
def test_labels_and_grey_levels_of_any_depth(dtype, level, channels):
    pixels = np.where(MOVES, level, 0).astype(dtype)
    if channels == 3:
        pixels = np.repeat(pixels[..., None], 3, axis=-1)
    np.testing.assert_allclose(read_mask(png(pixels)), MOVES, atol=1e-6)
    np.testing.assert_allclose(read_mask(png(pixels), "dark"), ~MOVES, atol=1e-6)


@pytest.mark.parametrize(("dtype", "level"), [(np.uint8, 128), (np.uint16, 32_768)])
def test_a_soft_mask_stays_soft(dtype, level):
    np.testing.assert_allclose(read_mask(grey(dtype, level)), MOVES * 0.5, atol=0.003)


def test_one_bit_and_palettes():
    for image in (Image.fromarray(MOVES), Image.fromarray(MOVES.astype(np.uint8) * 255)):
        for mode in ("1", "P"):
            np.testing.assert_allclose(read_mask(saved(image.convert(mode))), MOVES)


@pytest.mark.parametrize("brightness", [0, 255])
def test_a_cut_out_is_a_mask_by_its_transparency(brightness):
    pixels = np.full((*MOVES.shape, 4), brightness, np.uint8)
    pixels[..., 3] = np.where(MOVES, 255, 0)
    np.testing.assert_allclose(read_mask(png(pixels)), MOVES)
    np.testing.assert_allclose(read_mask(png(pixels), "dark"), ~MOVES)


def test_what_is_painted_on_a_transparent_layer_moves_where_it_is_bright():
    pixels = np.zeros((*MOVES.shape, 4), np.uint8)
    pixels[10:55, 5:60, 3] = 255
    pixels[MOVES, :3] = 255
    np.testing.assert_allclose(read_mask(png(pixels)), MOVES)


@pytest.mark.parametrize("level", [0, 255])
def test_an_opaque_picture_of_one_colour_moves_all_or_nothing(level):
    pixels = np.full((*MOVES.shape, 4), level, np.uint8)
    pixels[..., 3] = 255
    assert (read_mask(png(pixels)) == level / 255).all()


def test_floats_are_shares_and_orientation_is_the_photos():
    np.testing.assert_allclose(
        read_mask(cv2.imencode(".tiff", MOVES.astype(np.float32))[1].tobytes()), MOVES
    )
    exif = Image.Exif()
    exif[ORIENTATION] = 6
    data = saved(Image.fromarray(MOVES.astype(np.uint8)), exif=exif)
    np.testing.assert_allclose(read_mask(data), np.rot90(MOVES, 3))


def by_palette(labels, *colours):
    picture = Image.fromarray(labels.astype(np.uint8))
    picture = picture.convert("P")
    picture.putdata(labels.ravel().tolist())
    picture.putpalette([value for colour in colours for value in colour])
    stream = io.BytesIO()
    picture.save(stream, "PNG")
    return stream.getvalue()


def encoded(pixels, suffix=".png"):
    return cv2.imencode(suffix, pixels)[1].tobytes()


HALF_MOVES = np.zeros((48, 64), bool)
HALF_MOVES[20:, 10:50] = True
AS_OTHERS_COLOUR_THEM = {
    "a label's number": lambda: encoded(HALF_MOVES.astype(np.uint8) * 9),
    "a number of 16 bits": lambda: encoded(HALF_MOVES.astype(np.uint16) * 1234),
    "a grey brush": lambda: encoded(HALF_MOVES.astype(np.uint8) * 90),
    "blue": lambda: encoded(np.dstack([HALF_MOVES * 255] + [HALF_MOVES * 0] * 2).astype(np.uint8)),
    "red in a JPEG": lambda: encoded(
        np.dstack([HALF_MOVES * 0] * 2 + [HALF_MOVES * 255]).astype(np.uint8), ".jpg"
    ),
    "a dark palette": lambda: by_palette(HALF_MOVES * 1, (0, 0, 0), (128, 0, 0)),
    "a later class": lambda: by_palette(HALF_MOVES * 2, (0, 0, 0), (128, 0, 0), (0, 128, 0)),
}


@pytest.mark.parametrize("write", AS_OTHERS_COLOUR_THEM.values(), ids=AS_OTHERS_COLOUR_THEM)
def test_the_brightest_moves_where_nothing_is_bright(write):
    found = read_mask(write()) > 0.5
    assert (found != HALF_MOVES).mean() < 0.02
    dark = read_mask(write(), "dark") > 0.5
    assert (dark == HALF_MOVES).mean() < 0.02


def test_noise_on_black_moves_nothing():
    noise = np.random.default_rng(0).integers(0, 12, (48, 64)).astype(np.uint8)
    assert not (read_mask(encoded(noise)) > 0.5).any()
    assert not (read_mask(encoded(np.zeros((48, 64), np.uint8))) > 0.5).any()
