"""A picture's own colour description decides: profiles, PNG's chunks, code points, linear light."""

import struct
import tracemalloc
import zlib

import cv2
import numpy as np
import OpenEXR
import pytest
from PIL import Image, ImageCms, TiffImagePlugin, TiffTags
from tests.imaging.icc_profiles import cmyk_profile, grey_profile, rgb_profile
from tests.imaging.test_decode import pixels, png, saved

from livescape.imaging.color.encodings import (
    ADOBE_RGB,
    PRIMARIES,
    REC709,
    Encoding,
    by_code_points,
    decode_srgb,
    encode_srgb,
    gamma,
)
from livescape.imaging.decode import decode_photo, read_image
from livescape.imaging.plugins import pillow_plugins

P3, BT2020 = PRIMARIES[12], PRIMARIES[9]
PROPHOTO = (0.7347, 0.2653, 0.1596, 0.8404, 0.0366, 0.0001, 0.3457, 0.3585)
pillow_plugins()  # which also write
ONE_CODE = 1.0 / 255.0


def smooth(dtype=np.uint8):
    """Return 72 x 96 muted colours, which every wide gamut shares with sRGB."""
    y, x = np.mgrid[0:72, 0:96] / np.array([72.0, 96.0])[:, None, None]
    colours = np.stack([0.3 + 0.4 * x, 0.35 + 0.3 * y, 0.65 - 0.3 * x * y], -1)
    return np.rint(colours * np.iinfo(dtype).max).astype(dtype)


def shown(image, encoding):
    """Return what a viewer shows of integer pixels in an encoding."""
    return encoding.to_srgb((image / np.iinfo(image.dtype).max).astype(np.float32))


def chunked(data, **chunks):
    """Return a PNG with further chunks after its header."""
    added = b""
    for name, body in chunks.items():
        tagged = name.encode() + body
        added += struct.pack(">I", len(body)) + tagged + struct.pack(">I", zlib.crc32(tagged))
    return data[:33] + added + data[33:]


def primaries_chunk(chromaticities):
    white_first = (*chromaticities[6:], *chromaticities[:6])
    return b"".join(struct.pack(">I", round(value * 1e5)) for value in white_first)


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "TIFF", "WEBP", "AVIF", "HEIF"])
@pytest.mark.parametrize("gamut", [P3, ADOBE_RGB, PROPHOTO], ids=["P3", "Adobe", "ProPhoto"])
def test_an_embedded_profile_decides_in_every_kind_that_carries_one(kind, gamut):
    image = smooth()
    options = {"quality": 98} if kind in ("JPEG", "WEBP", "AVIF", "HEIF") else {}
    profile = rgb_profile(gamut, 2.2)
    data = saved(Image.fromarray(image), kind, icc_profile=profile, **options)
    decoded = decode_photo(data).image
    expected = shown(image, gamma(563 / 256, gamut))
    plain = decode_photo(saved(Image.fromarray(image), kind, **options)).image
    assert np.abs(decoded - expected).mean() < 1.5 * ONE_CODE
    assert np.abs(plain - image / 255.0).mean() < 1.5 * ONE_CODE


@pytest.mark.parametrize("exponent", [1.0, 1.8, 2.2])
@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_a_profile_of_any_curve_is_followed_at_8_and_16_bits(exponent, dtype):
    image = smooth(dtype)
    data = chunked(png(image), iCCP=b"own\0\0" + zlib.compress(rgb_profile(P3, exponent)))
    expected = shown(image, gamma(round(exponent * 256) / 256, P3))
    decoded = decode_photo(data).image
    # At the rim of sRGB, where one channel is near 0, its curve is steep between a table's nodes.
    assert np.percentile(np.abs(decoded - expected), 99) < 1.5 * ONE_CODE
    if dtype == np.uint16:
        assert len(np.unique(decoded)) > 1000  # not cut to 256 steps


def test_a_profile_of_grey():
    grey = smooth()[..., 0]
    data = saved(Image.fromarray(grey), icc_profile=grey_profile(1.0))
    expected = encode_srgb((grey / 255.0).astype(np.float32))
    decoded = decode_photo(data).image
    assert np.abs(decoded - expected[..., None]).max() < 1.5 * ONE_CODE


@pytest.mark.parametrize("kind", ["JPEG", "TIFF"])
def test_inks_are_those_of_the_press(kind):
    press = cmyk_profile(lambda c, m, y, k: ((95.0 - 25.0 * c) * (1 - k), -20.0 * c, 30.0 * y))
    inks = np.zeros((72, 96, 4), np.uint8)
    inks[:36, :, 0] = 255
    data = saved(Image.fromarray(inks, mode="CMYK"), kind, icc_profile=press)
    decoded = decode_photo(data).image
    bare, cyan = decoded[60, 48], decoded[10, 48]
    assert np.ptp(bare) < 0.02
    assert bare.min() > 0.95  # paper is white, relative to itself
    assert 0.3 < cyan[0] < 0.75  # and this cyan is a pale one: by inks alone it has no red
    naive = decode_photo(saved(Image.fromarray(inks, mode="CMYK"), kind)).image
    assert naive[10, 48, 0] < 0.1


@pytest.mark.parametrize("kind", ["JPEG", "TIFF"])
@pytest.mark.parametrize("profile", [b"damaged", rgb_profile(P3, 2.2)])
def test_inks_without_a_profile_of_inks_are_seen_by_themselves(kind, profile):
    inks = Image.fromarray(np.full((72, 96, 4), 90, np.uint8), mode="CMYK")
    decoded = decode_photo(saved(inks, kind, icc_profile=profile)).image
    np.testing.assert_array_equal(decoded, decode_photo(saved(inks, kind)).image)


def test_srgb_in_any_words_changes_nothing():
    image = smooth()
    plain = decode_photo(png(image)).image
    own = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    for data in (
        saved(Image.fromarray(image), icc_profile=own),
        chunked(png(image), sRGB=b"\0", gAMA=struct.pack(">I", 45455)),
        chunked(png(image), gAMA=struct.pack(">I", 45455), cHRM=primaries_chunk(REC709)),
        chunked(png(image), cICP=bytes([1, 13, 0, 1])),
    ):
        np.testing.assert_array_equal(decode_photo(data).image, plain)


@pytest.mark.parametrize(
    ("chunks", "encoding"),
    [
        ({"gAMA": struct.pack(">I", 100_000)}, gamma(1.0)),
        ({"gAMA": struct.pack(">I", 55_556)}, gamma(1.8)),
        ({"gAMA": struct.pack(">I", 45_455), "cHRM": primaries_chunk(P3)},
         Encoding(P3, decode_srgb)),
        ({"cICP": bytes([12, 13, 0, 1])}, Encoding(P3, decode_srgb)),
        ({"cICP": bytes([9, 8, 0, 1])}, by_code_points(9, 8)),
        ({"cICP": bytes([12, 13, 0, 1]), "gAMA": struct.pack(">I", 100_000)},
         Encoding(P3, decode_srgb)),
    ],
)  # fmt: skip
def test_the_colour_chunks_of_png(chunks, encoding):
    image = smooth()
    decoded = decode_photo(chunked(png(image), **chunks)).image
    np.testing.assert_allclose(decoded, shown(image, encoding), atol=1e-5)
    assert np.abs(decoded - image / 255.0).max() > 3.0 * ONE_CODE


def test_the_brightness_of_pq_and_hlg_is_that_of_their_white():
    pq, hlg = by_code_points(9, 16), by_code_points(9, 18)
    assert pq is not None
    assert hlg is not None
    white = np.full((1, 3), 0.5806, np.float32)  # 203 cd/m2 in BT.2100's PQ
    np.testing.assert_allclose(pq.to_srgb(white), 1.0, atol=0.01)
    np.testing.assert_allclose(hlg.to_srgb(np.full((1, 3), 0.75, np.float32)), 1.0, atol=0.01)


def test_exif_says_adobe_rgb():
    for tags in ({0xA001: 2}, {0xA001: 0xFFFF, 0xA005: {1: "R03"}}):
        exif = Image.Exif()
        exif.get_ifd(0x8769).update(tags)
        data = saved(Image.fromarray(smooth()), "JPEG", exif=exif, quality=98)
        expected = shown(smooth(), gamma(563 / 256, ADOBE_RGB))
        assert np.abs(decode_photo(data).image - expected).mean() < 1.5 * ONE_CODE


@pytest.mark.parametrize(
    "body", [b"", b"own\0\0", b"own\0\0" + zlib.compress(b"x" * 500), b"own\0\0not packed"]
)
def test_a_damaged_description_costs_nothing_but_itself(body):
    plain = decode_photo(png(smooth())).image
    np.testing.assert_array_equal(decode_photo(chunked(png(smooth()), iCCP=body)).image, plain)
    flat = chunked(png(smooth()), gAMA=struct.pack(">I", 45_455), cHRM=bytes(32))
    np.testing.assert_array_equal(decode_photo(flat).image, plain)


def test_a_number_in_place_of_a_profile_costs_nothing():
    tags = TiffImagePlugin.ImageFileDirectory_v2()
    tags.tagtype[34675] = TiffTags.LONG
    tags[34675] = 2**31
    data = saved(Image.fromarray(smooth()), "TIFF", tiffinfo=tags)
    tracemalloc.start()
    try:
        decoded = decode_photo(data).image
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    np.testing.assert_array_equal(decoded, decode_photo(png(smooth())).image)
    assert peak < 2**26


def exr(folder, light, **channels):
    path = folder / "photo.exr"
    header = channels.pop("header", {})
    planes = dict(zip("RGB", np.moveaxis(light, -1, 0), strict=True)) | channels
    planes = {name: np.ascontiguousarray(plane) for name, plane in planes.items()}
    OpenEXR.File({"type": OpenEXR.scanlineimage, **header}, planes).write(str(path))
    return path.read_bytes()


def linear_files(folder, light):
    """Return one picture of linear light in each kind that holds it."""
    bgr = np.ascontiguousarray(light[..., ::-1])
    files = {kind: cv2.imencode(f".{kind}", bgr)[1].tobytes() for kind in ("hdr", "pfm", "tiff")}
    return files | {"exr": exr(folder, light)}


@pytest.mark.parametrize("kind", ["hdr", "pfm", "tiff", "exr"])
def test_floating_point_is_linear_light(tmp_path, kind):
    light = decode_srgb((smooth() / 255.0).astype(np.float32))
    data = linear_files(tmp_path, light)[kind]
    tolerance = 2.5 * ONE_CODE if kind == "hdr" else 1e-5
    np.testing.assert_allclose(decode_photo(data).image, smooth() / 255.0, atol=tolerance)
    darker = decode_photo(data, exposure=-1.0).image
    np.testing.assert_allclose(darker, encode_srgb(light / 2.0), atol=tolerance)


def test_light_beyond_white_is_white_until_it_is_exposed_for(tmp_path):
    light = np.full((72, 96, 3), 4.0, np.float32)
    data = exr(tmp_path, light)
    np.testing.assert_allclose(decode_photo(data).image, 1.0, rtol=1e-6)
    np.testing.assert_allclose(decode_photo(data, exposure=-3.0).image, encode_srgb(light / 8.0))


def with_sun():
    """Return light 0..1 with a patch of up to 20 times white."""
    light = decode_srgb((smooth() / 255.0).astype(np.float32))
    light[10:20, 30:50] = (20.0, 9.0, 0.5)
    light[20:25, 30:50] = 1.5
    return light


@pytest.mark.parametrize("kind", ["hdr", "pfm", "tiff", "exr"])
@pytest.mark.parametrize("exposure", [0.0, 1.0, -2.0])
def test_light_beyond_white_is_kept_beside_the_picture(tmp_path, kind, exposure):
    light = with_sun()
    decoded = decode_photo(linear_files(tmp_path, light)[kind], exposure)
    beyond = np.maximum(light * 2.0**exposure - 1.0, 0.0)
    assert decoded.highlights is not None
    tolerance = {"rtol": 0.02, "atol": 0.02} if kind == "hdr" else {"rtol": 1e-3}
    np.testing.assert_allclose(decoded.highlights, beyond, **tolerance)
    assert (decoded.highlights > 0).any(axis=(0, 1)).tolist() == (beyond > 0).any((0, 1)).tolist()


def test_the_picture_is_the_same_to_the_bit_with_and_without_highlights(tmp_path):
    light = with_sun()
    with_them = decode_photo(exr(tmp_path, light))
    without = decode_photo(exr(tmp_path, np.minimum(light, np.float32(1.0))))
    np.testing.assert_array_equal(with_them.image, without.image)
    assert without.highlights is None


def test_highlights_of_pq_and_hlg_are_kept():
    for code in (16, 18):
        image = np.full((72, 96, 3), 65_535, np.uint16)
        image[:, :48] = 20_000
        decoded = decode_photo(chunked(png(image), cICP=bytes([9, code, 0, 1])))
        expected = by_code_points(9, code)
        assert expected is not None
        assert decoded.highlights is not None
        brightest = float(expected.light(np.ones((1, 3), np.float32)).max())
        assert brightest > 3.0
        np.testing.assert_allclose(decoded.highlights[:, 50:], brightest - 1.0, rtol=2e-3)
        np.testing.assert_array_equal(decoded.highlights[:, :48], 0.0)


def test_colours_that_srgb_cannot_show_are_no_highlights():
    image = np.zeros((72, 96, 3), np.uint8)
    image[..., 0] = 255
    data = chunked(png(image[..., ::-1]), cICP=bytes([12, 13, 0, 1]))
    assert by_code_points(12, 13).light(np.array([[1.0, 0.0, 0.0]], np.float32)).max() > 1.1
    assert decode_photo(data).highlights is None
    assert decode_photo(png(smooth())).highlights is None


def test_highlights_are_as_bright_as_half_floats_can_be_and_seen_as_far_as_opaque(tmp_path):
    light = with_sun()
    light[:4] = np.inf
    light[4:8] = np.finfo(np.float32).max
    decoded = decode_photo(exr(tmp_path, light, header={"chromaticities": BT2020}))
    assert np.isfinite(decoded.highlights).all()
    assert decoded.highlights[:8].max() > 60_000.0
    half = np.full(light.shape[:2], 0.5, np.float32)
    decoded = decode_photo(exr(tmp_path, with_sun() * 0.5, A=half))
    np.testing.assert_allclose(decoded.highlights[10:20, 30:50], [[(9.5, 4.0, 0.0)] * 20] * 10)


@pytest.mark.parametrize("exposure", [0.0, 1.0, 8.0])
def test_an_endless_sun_is_white_however_it_is_exposed(tmp_path, exposure):
    light = np.full((72, 96, 3), 0.2, np.float32)
    light[:8], light[8:16] = np.inf, np.finfo(np.float32).max
    for header in ({}, {"chromaticities": BT2020}):
        decoded = decode_photo(exr(tmp_path, light, header=header), exposure).image
        np.testing.assert_allclose(decoded[:16], 1.0, atol=1e-5)


def test_an_exr_has_primaries_and_associated_alpha(tmp_path):
    light = decode_srgb((smooth() / 255.0).astype(np.float32))
    header = {"chromaticities": P3}
    expected = by_code_points(12, 8)
    assert expected is not None
    np.testing.assert_allclose(
        decode_photo(exr(tmp_path, light, header=header)).image, expected.to_srgb(light), atol=1e-4
    )
    half = np.full(light.shape[:2], 0.5, np.float32)
    decoded = decode_photo(exr(tmp_path, light * 0.5, A=half)).image
    np.testing.assert_allclose(decoded, smooth() / 255.0 * 0.5 + 0.5, atol=1e-4)


def test_colours_of_masks_are_left_alone():
    image = smooth()
    data = chunked(png(image), gAMA=struct.pack(">I", 100_000))
    np.testing.assert_array_equal(read_image(data)[0][..., ::-1], image)


@pytest.mark.parametrize("kind", ["HEIF", "AVIF", "JXL"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_kinds_that_turn_by_themselves_are_turned_once(kind, orientation):
    exif = Image.Exif()
    exif[0x0112] = orientation
    image = Image.fromarray(smooth())
    options = {"exif": exif.tobytes()} if kind == "JXL" else {"exif": exif}
    data = saved(image, kind, quality=98, **options)
    sideways = orientation >= 5 and kind == "AVIF"  # elsewhere, Exif's orientation does not count
    assert decode_photo(data).size == ((72, 96) if sideways else (96, 72))


@pytest.mark.parametrize("kind", ["HEIF", "AVIF"])
def test_files_that_only_say_that_they_hold_images_are_told_apart(kind):
    data = saved(Image.fromarray(smooth()), kind, quality=98)
    general = data[:8] + b"mif1" + data[12:]
    np.testing.assert_array_equal(decode_photo(general).image, decode_photo(data).image)


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_jpeg_within_jpeg_xl_stands_as_the_jpeg(tmp_path, orientation):
    exif = Image.Exif()
    exif[0x0112] = orientation
    path = tmp_path / "photo.jpg"
    Image.fromarray(smooth()).save(path, quality=98, exif=exif)
    with Image.open(path) as opened:
        packed = saved(opened, "JXL", lossless_jpeg=True)
    expected = decode_photo(path.read_bytes()).image
    np.testing.assert_allclose(decode_photo(packed).image, expected, atol=2.5 * ONE_CODE)


@pytest.mark.parametrize("orientation", range(1, 9))
def test_inks_are_turned_upright(orientation):
    image = Image.fromarray(smooth())
    exif = Image.Exif()
    exif[0x0112] = orientation
    expected = decode_photo(saved(image, "TIFF", exif=exif)).image
    inks = decode_photo(saved(image.convert("CMYK"), "TIFF", exif=exif)).image
    np.testing.assert_allclose(inks, expected, atol=2.5 * ONE_CODE)


@pytest.mark.parametrize("kind", ["TGA", "SGI"])
@pytest.mark.parametrize("mode", ["L", "RGB", "RGBA"])
def test_kinds_that_blender_reads_too(kind, mode):
    image = Image.fromarray(pixels()).convert(mode)
    expected = np.asarray(image.convert("RGB")) / 255.0
    np.testing.assert_allclose(decode_photo(saved(image, kind)).image, expected, atol=1e-6)
    if kind == "TGA":
        packed = saved(image, kind, compression="tga_rle")
        np.testing.assert_allclose(decode_photo(packed).image, expected, atol=1e-6)


LAYERED = {
    "beside what a layer shows": ("AO.", ""),
    "as Blender names it": ("ViewLayer.AO.", "ViewLayer.Combined."),
    "after mattes": ("ViewLayer.CryptoObject00.", "ViewLayer.Image."),
    "of a beauty pass": ("albedo.", "beauty."),
    "as Nuke names it": ("ao.", "rgba."),
}


@pytest.mark.parametrize("names", [("R", "G", "B"), ("r", "g", "b"), ("red", "green", "blue")])
@pytest.mark.parametrize("layers", LAYERED.values(), ids=LAYERED)
def test_of_many_layers_the_one_that_shows_the_scene_is_the_picture(layers, names, tmp_path):
    light = decode_srgb((smooth() / 255.0).astype(np.float32))
    other, shown = layers
    planes = {}
    for at, name in enumerate(names):
        planes[other + name] = np.full(light.shape[:2], 0.5, np.float32)
        planes[shown + name] = np.ascontiguousarray(light[..., at])
    header = {"compression": OpenEXR.ZIP_COMPRESSION, "type": OpenEXR.scanlineimage}
    path = tmp_path / "layers.exr"
    OpenEXR.File(header, planes).write(str(path))
    np.testing.assert_allclose(decode_photo(path.read_bytes()).image, smooth() / 255.0, atol=2e-3)
