"""Photographs as they come: every depth and channel count, turned by EXIF, and broken ones."""

import io

import cv2
import numpy as np
import pytest
from PIL import Image, ImageOps

from livescape.imaging.decode import MAX_SIDE, MIN_SIDE, decode_image, decode_photo, unit_range
from livescape.imaging.sampling import resize_image
from livescape_shared.errors import LivescapeError

FOCAL_35MM = 0xA405
EXIF_IFD = 0x8769
ORIENTATION = 0x0112


def pixels(height=72, width=96, channels=3, dtype=np.uint8):
    """RGB(A) in display order."""
    top = np.iinfo(dtype).max
    return np.random.default_rng(0).integers(
        0, top, (height, width, channels), dtype, endpoint=True
    )


def png(image):
    """PNG bytes of grey, RGB or RGBA pixels."""
    code = {3: cv2.COLOR_RGB2BGR, 4: cv2.COLOR_RGBA2BGRA}.get(image.shape[-1])
    stored = image if image.ndim == 2 else cv2.cvtColor(image, code)
    return cv2.imencode(".png", stored)[1].tobytes()


def saved(image, kind="PNG", **options):
    stream = io.BytesIO()
    image.save(stream, kind, **options)
    return stream.getvalue()


def code_of(data):
    with pytest.raises(LivescapeError) as caught:
        decode_photo(data)
    assert str(caught.value).endswith(".")
    assert caught.value.hint
    return caught.value.code


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_colours_arrive_in_rgb_order_on_the_unit_range(dtype):
    image = pixels(dtype=dtype)
    photo = decode_photo(png(image))
    assert photo.image.dtype == np.float32
    assert photo.image.flags.c_contiguous
    assert photo.size == (96, 72)
    np.testing.assert_allclose(photo.image, image / np.iinfo(dtype).max, atol=1e-7)


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_grey_becomes_three_equal_channels(dtype):
    grey = pixels(dtype=dtype)[..., 0]
    image = decode_photo(png(grey)).image
    assert image.shape == (72, 96, 3)
    np.testing.assert_allclose(image, (grey / np.iinfo(dtype).max)[..., None] + np.zeros(3))


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_transparent_pixels_lie_over_white(dtype):
    image = pixels(channels=4, dtype=dtype)
    image[:20, :, 3] = 0
    colour, alpha = np.split(image / np.iinfo(dtype).max, [3], axis=-1)
    decoded = decode_photo(png(image)).image
    np.testing.assert_allclose(decoded, colour * alpha + 1.0 - alpha, atol=1e-6)
    np.testing.assert_array_equal(decoded[:20], 1.0)


def test_palette_and_grey_with_alpha_are_photos_too():
    image = Image.fromarray(pixels())
    palette = image.quantize(16)
    np.testing.assert_allclose(
        decode_photo(saved(palette)).image * 255, np.asarray(palette.convert("RGB")), atol=1e-4
    )
    half = image.convert("LA")
    half.putalpha(128)
    luma = np.asarray(half)[..., :1] / 255.0
    expected = (luma * 128 + 127) / 255
    np.testing.assert_allclose(decode_photo(saved(half)).image, expected + np.zeros(3), atol=1e-5)


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_exif_orientation_is_applied_once(kind, orientation):
    exif = Image.Exif()
    exif[ORIENTATION] = orientation
    data = saved(Image.fromarray(pixels()), kind, exif=exif)
    with Image.open(io.BytesIO(data)) as stored:
        upright = np.asarray(ImageOps.exif_transpose(stored).convert("RGB")) / 255.0
    decoded = decode_photo(data).image
    assert decoded.shape == upright.shape
    assert np.abs(decoded - upright).mean() < 0.01  # two JPEG decoders round differently


@pytest.mark.parametrize("stored", [0, 9, 65535])
def test_an_impossible_orientation_is_ignored(stored):
    exif = Image.Exif()
    exif[ORIENTATION] = stored
    assert decode_photo(saved(Image.fromarray(pixels()), exif=exif)).size == (96, 72)


def test_focal_length_comes_from_exif():
    exif = Image.Exif()
    exif.get_ifd(EXIF_IFD)[FOCAL_35MM] = 28
    data = saved(Image.fromarray(pixels()), "JPEG", exif=exif)
    assert decode_photo(data).focal_35mm == 28.0
    assert decode_photo(png(pixels())).focal_35mm == 0.0


@pytest.mark.parametrize(
    "data", [b"", b"no image", b"\x89PNG\r\n\x1a\n", b"GIF89a", png(pixels())[:200]]
)
def test_what_is_no_image_is_unreadable(data):
    assert code_of(data) == "photo_unreadable"


@pytest.mark.parametrize("size", [(MIN_SIDE - 1, 96), (96, MIN_SIDE - 1), (1, 1)])
def test_a_photo_of_few_pixels_is_refused(size):
    assert code_of(png(pixels(*size))) == "photo_too_small"


def test_the_limits_themselves_are_allowed():
    tall = Image.new("L", (MIN_SIDE, MAX_SIDE))
    assert decode_photo(saved(tall)).size == (MIN_SIDE, MAX_SIDE)


@pytest.mark.parametrize(
    ("size", "named"),
    [
        ((MAX_SIDE + 1, 64), "8193 x 64"),
        ((64, MAX_SIDE + 1), "64 x 8193"),
        ((9600, 9600), "9600 x 9600"),
        ((20_000, 20_000), "millions"),
    ],
)
def test_a_huge_photo_is_refused_before_it_is_decoded(monkeypatch, size, named):
    data = saved(Image.new("1", size))

    def never(*_):
        raise AssertionError("decoding costs the memory that the limit protects")

    monkeypatch.setattr(cv2, "imdecode", never)
    assert code_of(data) == "photo_too_large"
    with pytest.raises(LivescapeError, match=named):
        decode_photo(data)


def test_a_huge_mask_is_refused_instead_of_read_as_empty():
    data = saved(Image.new("L", (MAX_SIDE + 1, 64), 255))
    with pytest.raises(LivescapeError, match="8193 x 64") as caught:
        decode_image(data, "mask_invalid", "The mask cannot be read as an image.")
    assert caught.value.code == "mask_invalid"


@pytest.mark.filterwarnings("ignore::UserWarning:PIL")
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "TIFF"])
def test_damaged_files_fail_in_one_sentence_or_not_at_all(kind):
    rng = np.random.default_rng(1)
    exif = Image.Exif()
    exif[ORIENTATION] = 6
    exif.get_ifd(EXIF_IFD)[FOCAL_35MM] = 28
    small = Image.fromarray(pixels(64, 64))
    data = saved(small, kind, exif=exif)
    codes = set()
    for _ in range(150):
        broken = bytearray(data)
        for at in rng.integers(0, min(len(data), 400), rng.integers(1, 5)):
            broken[at] = rng.integers(0, 256)
        try:
            image = decode_photo(bytes(broken)).image
            assert np.isfinite(image).all()
        except LivescapeError as error:
            codes.add(error.code)
    assert codes <= {"photo_unreadable", "photo_too_small", "photo_too_large"}
    assert codes


def test_unit_range_removes_what_is_no_number():
    values = np.array([np.nan, np.inf, -np.inf, -1.0, 0.25, 7.0])
    np.testing.assert_array_equal(unit_range(values), [0, 1, 0, 0, 0.25, 1])


def test_shrinking_keeps_the_mean_and_enlarging_the_range():
    image = decode_photo(png(pixels(64, 96))).image
    half = resize_image(image, 48, 32)
    assert half.shape == (32, 48, 3)
    np.testing.assert_allclose(half.mean((0, 1)), image.mean((0, 1)), atol=1e-5)
    blocks = image.reshape(32, 2, 48, 2, 3).mean((1, 3))
    np.testing.assert_allclose(half, blocks, atol=1e-6)
    large = resize_image(image, 192, 128)
    assert large.min() >= 0.0
    assert large.max() <= 1.0
    assert resize_image(image, 96, 64) is image
