"""Photographs as they come: every depth and channel count, turned by EXIF, and broken ones."""

import io
import struct

import cv2
import numpy as np
import pytest
from PIL import Image, ImageOps
from PIL.PngImagePlugin import PngInfo

from livescape.imaging import decode
from livescape.imaging.decode import MIN_SIDE, decode_photo, read_image, unit_range
from livescape.imaging.sampling import resize_image
from livescape.imaging.sides import MAX_SIDE
from livescape.motion.mask_file import read_mask
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
        ((20_000, 20_000), "20000 x 20000"),
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


def test_a_tiff_is_turned_once_whatever_its_pixels_are():
    for stored in ("RGB", "L", "F", "I;16"):
        image = Image.fromarray(pixels())
        if stored == "I;16":
            image = Image.fromarray(pixels(dtype=np.uint16)[..., 0])
        for orientation in range(1, 9):
            exif = Image.Exif()
            exif[ORIENTATION] = orientation
            data = saved(image if stored == "I;16" else image.convert(stored), "TIFF", exif=exif)
            with Image.open(io.BytesIO(data)) as file:
                upright = np.asarray(ImageOps.exif_transpose(file))
            read, _ = read_image(data)
            np.testing.assert_array_equal(read[..., ::-1] if stored == "RGB" else read, upright)


def in_many_kinds():
    """Return files of every kind that OpenCV writes, 96 x 72, whole and 32-bit where it can."""
    kinds = ("bmp", "jpg", "jp2", "png", "webp", "ppm", "pgm", "pbm", "pam", "pfm", "ras", "tiff",
             "hdr", "gif", "avif")  # fmt: skip
    grey = ("pgm", "pbm")
    files = {}
    for kind in kinds:
        image = pixels()[..., 0] if kind in grey else pixels()
        if kind in ("hdr", "pfm"):
            image = image.astype(np.float32) / 255.0
        files[kind] = cv2.imencode(f".{kind}", image)[1].tobytes()
    files["float.tiff"] = cv2.imencode(".tiff", pixels().astype(np.float32) / 255.0)[1].tobytes()
    files["grey.pfm"] = cv2.imencode(".pfm", np.ones((72, 96), np.float32))[1].tobytes()
    with Image.open(io.BytesIO(files["png"])) as image:
        files["big.tiff"] = saved(image, "TIFF", big_tiff=True)
    codestream = files["jp2"]
    files["j2k"] = codestream[codestream.index(b"\xff\x4f\xff\x51") :]
    return files


@pytest.mark.parametrize("kind", in_many_kinds())
def test_every_kind_is_told_by_its_content(kind):
    assert decode_photo(in_many_kinds()[kind]).size == (96, 72)


WIDE = (30_000).to_bytes(4)
"""A width that no file may have, written over the true one."""


def boasting(kind):
    """Return a file whose header announces 30 000 pixels, though it holds a few."""
    data = in_many_kinds()[kind]
    words = {"ppm": b"96 72", "pgm": b"96 72", "pfm": b"96 72", "pam": b"WIDTH 96",
             "hdr": b"+X 96"}  # fmt: skip
    if kind in words:
        return data.replace(words[kind], words[kind].replace(b"96", b"30000"), 1)
    at = {"png": 16, "ras": 4, "bmp": 18}.get(kind)
    if kind == "bmp":
        return data[:at] + WIDE[::-1] + data[at + 4 :]
    if kind in ("jp2", "j2k"):
        at = data.index(b"\xff\x4f\xff\x51") + 8
    if kind == "jpg":
        at = data.index(b"\xff\xc0") + 7
        return data[:at] + WIDE[2:] + data[at + 2 :]
    if kind == "gif":
        return data[:6] + WIDE[:1:-1] + data[8:]
    return data[:at] + WIDE + data[at + 4 :]


@pytest.mark.parametrize(
    "kind", ["png", "jpg", "gif", "jp2", "j2k", "bmp", "ppm", "pgm", "pfm", "pam", "hdr", "ras"]
)
def test_the_size_is_read_before_anything_is_decoded(monkeypatch, kind):
    def never(*_):
        raise AssertionError("decoding costs the memory that the limit protects")

    data = boasting(kind)
    monkeypatch.setattr(cv2, "imdecode", never)
    with pytest.raises(LivescapeError, match="30000 x 72") as caught:
        decode_photo(data)
    assert caught.value.code == "photo_too_large"


@pytest.mark.parametrize("kind", ["tiff", "webp", "avif"])
def test_so_is_that_of_kinds_that_only_an_encoder_can_make_large(monkeypatch, kind):
    size = (8200, 64)  # as large as WebP's limit lets a small file be
    data = saved(Image.new("RGB", size), kind)
    monkeypatch.setattr(cv2, "imdecode", None)
    assert code_of(data) == "photo_too_large"


@pytest.mark.parametrize("name", [b"IDAT", b"tEXt", b"IEND"])
def test_a_png_chunk_that_is_longer_than_its_file_is_never_decoded(monkeypatch, name):
    image = Image.fromarray(pixels())
    facts = PngInfo()
    facts.add_text("Author", "nobody")
    data = saved(image, pnginfo=facts)
    at = data.index(name) - 4
    monkeypatch.setattr(cv2, "imdecode", None)
    assert code_of(data[:at] + (2**31 - 1).to_bytes(4) + data[at + 4 :]) == "photo_unreadable"


def test_a_large_photo_is_converted_a_few_rows_at_a_time(monkeypatch):
    seen = []
    real = decode.unit_range
    monkeypatch.setattr(decode, "unit_range", lambda rows: seen.append(rows.shape) or real(rows))
    exif = Image.Exif()
    exif[ORIENTATION] = 6
    photo = decode_photo(saved(Image.new("RGBA", (2000, 300)), exif=exif))
    assert photo.size == (300, 2000)
    colour = [shape for shape in seen if shape[2] == 3]
    assert sum(rows for rows, *_ in colour) == 2000
    assert max(rows * columns for rows, columns, _ in seen) <= 2**15


def test_a_mask_is_upright_and_its_colours_count_alike():
    exif = Image.Exif()
    exif[ORIENTATION] = 6
    image = Image.fromarray(pixels())
    mask = read_mask(saved(image, exif=exif))
    expected = np.rot90(pixels().mean(-1) / 255.0, 3)
    np.testing.assert_allclose(mask, expected, atol=1e-6)
    assert mask.dtype == np.float32


def test_a_huge_mask_is_refused_instead_of_read_as_empty():
    data = saved(Image.new("L", (MAX_SIDE + 1, 64), 255))
    with pytest.raises(LivescapeError, match="8193 x 64") as caught:
        read_mask(data)
    assert caught.value.code == "mask_invalid"


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"%PDF-1.7" + bytes(50), "PDF is not a kind of image"),
        (b"FUJIFILMCCD-RAW " + bytes(50), "camera RAW is not a kind of image"),
        (b"\x1a\x45\xdf\xa3" + bytes(50), "Matroska is not a kind of image"),
        (b"hello", "it is not an image"),
    ],
)
def test_what_is_something_else_is_named(data, said):
    with pytest.raises(LivescapeError, match=said):
        decode_photo(data)


def test_unit_range_removes_what_is_no_number():
    values = np.array([np.nan, np.inf, -np.inf, -1.0, 0.25, 7.0])
    np.testing.assert_array_equal(unit_range(values), [0, 1, 0, 0, 0.25, 1])


@pytest.mark.parametrize("dtype", [np.uint8, np.int8, np.uint16, np.int16, np.int32, np.uint32])
def test_unit_range_scales_every_integer_as_a_division_does(dtype):
    most = np.iinfo(dtype).max
    values = np.linspace(np.iinfo(dtype).min, most, 4099).astype(dtype)
    plain = np.clip(values.astype(np.float32) / np.float32(most), 0.0, 1.0)
    np.testing.assert_array_equal(unit_range(values), plain)


@pytest.mark.parametrize("alpha", [255, 254])
def test_what_is_opaque_is_as_it_would_be_without_alpha(alpha):
    image = pixels(channels=4)
    image[..., 3] = 255
    image[3, 5, 3] = alpha
    opaque = decode_photo(png(image)).image
    plain = decode_photo(png(image[..., :3])).image
    there = np.s_[3, 5] if alpha == 255 else np.s_[0, 0]
    np.testing.assert_array_equal(opaque[there], plain[there])
    assert np.array_equal(opaque, plain) == (alpha == 255)


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
    np.testing.assert_array_equal(resize_image(image, 96, 64), image)


@pytest.mark.parametrize("progressive", [False, True])
def test_a_jpeg_that_lacks_its_last_bytes_is_read_and_half_of_one_is_not(progressive):
    texture = cv2.resize(pixels(50, 75), (300, 200), interpolation=cv2.INTER_CUBIC)
    data = saved(Image.fromarray(texture), "JPEG", quality=90, progressive=progressive)
    whole = decode_photo(data).image
    for missing in (1, 2, 20, 200):
        cut = decode_photo(data[:-missing]).image
        assert np.abs(cut - whole).mean() < 0.01
    for share in (0.5, 0.3):
        assert code_of(data[: int(share * len(data))]) == "photo_unreadable"


@pytest.mark.parametrize("order", ["II", "MM"])
def test_a_raw_file_is_named_and_not_taken_for_its_thumbnail(order):
    thumbnail = saved(Image.fromarray(pixels()), "TIFF")
    assert decode_photo(thumbnail).size == (96, 72)
    byte = "<" if order == "II" else ">"
    entries = [(254, 4, 1), (256, 4, 96), (257, 4, 72), (50706, 1, 0x01040000)]
    ifd = struct.pack(f"{byte}H", len(entries))
    for tag, kind, value in entries:
        ifd += struct.pack(f"{byte}HHII", tag, kind, 1, value)
    data = order.encode() + struct.pack(f"{byte}HI", 42, 8) + ifd + bytes(4000)
    with pytest.raises(LivescapeError, match="camera RAW is not") as caught:
        decode_photo(data)
    assert "raw converter" in caught.value.hint
