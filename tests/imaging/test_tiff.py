"""TIFF as its tags mean it: alpha, planes, L*a*b*, what is white at 0, channels without meaning."""

import io
from itertools import product

import numpy as np
import pytest
import tifffile
from PIL import Image, ImageCms
from tests.imaging.icc_profiles import cmyk_profile, grey_profile, rgb_profile

from livescape.imaging.color.encodings import ADOBE_RGB, PRIMARIES, REC709, decode_srgb
from livescape.imaging.color.encodings import to_rec709 as matrix_of
from livescape.imaging.decode import decode_photo, read_image
from livescape.imaging.faults import Unreadable
from livescape.imaging.tiff import COMPRESSION, with_tags

SIDE = (64, 96)
ONE_CODE = 1.0 / 255.0
P3 = PRIMARIES[12]


def colours(dtype=np.uint8):
    y, x = np.mgrid[0 : SIDE[0], 0 : SIDE[1]] / np.array(SIDE, float)[:, None, None]
    shown = np.stack([0.3 + 0.4 * x, 0.35 + 0.3 * y, 0.65 - 0.3 * x * y], -1)
    if np.issubdtype(dtype, np.floating):
        return decode_srgb(shown.astype(np.float32)).astype(dtype)
    return np.rint(shown * np.iinfo(dtype).max).astype(dtype)


def alphas(dtype=np.uint8):
    share = np.linspace(0.2, 1.0, SIDE[1])[None, :, None].repeat(SIDE[0], 0)
    if np.issubdtype(dtype, np.floating):
        return share.astype(dtype)
    return np.rint(share * np.iinfo(dtype).max).astype(dtype)


def written(pixels, **options):
    stream = io.BytesIO()
    if pixels.ndim == 3 and "planarconfig" not in options:
        options.setdefault("photometric", "rgb")
    tifffile.imwrite(stream, pixels, **options)
    return stream.getvalue()


def image_of(data):
    return decode_photo(data).image


SHOWN = colours(np.uint16) / 65535.0


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16, np.float32])
@pytest.mark.parametrize("meaning", ["assocalpha", "unassalpha"])
def test_alpha_lies_over_white_whether_or_not_colours_are_multiplied_by_it(dtype, meaning):
    color, alpha = colours(dtype), alphas(dtype)
    share = alphas(np.float32)
    if meaning == "assocalpha":
        whole = np.issubdtype(dtype, np.integer)
        color = (np.rint(color * share) if whole else color * share).astype(dtype)
    data = written(np.dstack([color, alpha]), photometric="rgb", extrasamples=[meaning])
    wanted = SHOWN * share + 1.0 - share
    np.testing.assert_allclose(image_of(data), wanted, atol=3 * ONE_CODE)


def test_a_channel_without_meaning_is_not_transparency():
    data = written(
        np.dstack([colours(), alphas()]), photometric="rgb", extrasamples=["unspecified"]
    )
    np.testing.assert_allclose(image_of(data), SHOWN, atol=ONE_CODE)
    both = np.dstack([colours(), np.full_like(alphas(), 255), alphas()])
    data = written(both, photometric="rgb", extrasamples=["unassalpha", "unspecified"])
    np.testing.assert_allclose(image_of(data), SHOWN, atol=ONE_CODE)


GREYS = {
    "plain": {},
    "in planes": {"planarconfig": "separate"},
    "compressed": {"compression": "zlib"},
    "tiles": {"tile": (16, 16), "compression": "zlib"},
    "differences": {"compression": "zlib", "predictor": True},
    "differences in tiles": {"compression": "zlib", "predictor": True, "tile": (16, 32)},
}


def grey_with(alpha, grey, *, planarconfig="contig", **options):
    axis = 0 if planarconfig == "separate" else -1
    return written(np.stack([grey, alpha], axis), photometric=options.pop("shows", "minisblack"),
                   planarconfig=planarconfig, **options)  # fmt: skip


@pytest.mark.parametrize(
    ("dtype", "way"),
    [
        *product((np.uint8, np.uint16), GREYS),
        # Differences of floating-point numbers are of another kind.
        *product((np.float32, np.float16), [way for way in GREYS if "differences" not in way]),
    ],
)
@pytest.mark.parametrize("order", "<>")
def test_grey_with_a_channel_more_is_read_as_it_is_stored(dtype, way, order):
    grey, alpha = colours(dtype)[:, :90, 0], alphas(dtype)[:, :90, 0]
    data = grey_with(alpha, grey, extrasamples=["unassalpha"], byteorder=order, **GREYS[way])
    pixels = read_image(data)[0]
    np.testing.assert_array_equal(pixels, np.dstack([grey, alpha]))
    assert pixels.dtype == (np.float32 if dtype == np.float16 else dtype)
    meaningless = grey_with(alpha, grey, extrasamples=["unspecified"], **GREYS[way])
    np.testing.assert_array_equal(read_image(meaningless)[0], grey)


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16, np.float32])
@pytest.mark.parametrize("way", ["plain", "in planes"])
def test_grey_is_parted_from_the_transparency_that_it_was_multiplied_by(dtype, way):
    grey, alpha = colours(dtype)[..., 0], alphas(dtype)[..., 0]
    share = alphas(np.float32)[..., 0]
    multiplied = grey * share if np.issubdtype(dtype, np.floating) else np.rint(grey * share)
    data = grey_with(alpha, multiplied.astype(dtype), extrasamples=["assocalpha"], **GREYS[way])
    wanted = SHOWN[..., :1] * share[..., None] + 1.0 - share[..., None]
    np.testing.assert_allclose(image_of(data), wanted.repeat(3, -1), atol=3 * ONE_CODE)


@pytest.mark.parametrize("way", ["plain", "in planes"])
@pytest.mark.parametrize("orientation", [3, 6, 7])
@pytest.mark.parametrize("shows", ["minisblack", "miniswhite"])
@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_grey_with_transparency_is_upright_and_no_negative(way, orientation, shows, dtype):
    options = {"extratags": [(274, 3, 1, orientation, True)], **GREYS[way]}
    grey, alpha = colours(dtype)[..., 0], alphas(dtype)[..., 0]
    stored = grey if shows == "minisblack" else np.iinfo(dtype).max - grey
    data = grey_with(alpha, stored, extrasamples=["unassalpha"], shows=shows, **options)
    alone = written(grey, extratags=options["extratags"])
    np.testing.assert_array_equal(read_image(data)[0][..., 0], read_image(alone)[0])


def test_a_pair_that_is_compressed_otherwise_is_refused_by_its_reason():
    data = grey_with(alphas()[..., 0], colours()[..., 0])
    with pytest.raises(Unreadable, match="save it uncompressed"):
        read_image(with_tags(data, {COMPRESSION: (7,)}))


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16, np.float32, np.float16])
@pytest.mark.parametrize("big", [False, True])
@pytest.mark.parametrize("options", [{}, {"compression": "zlib"}, {"tile": (16, 16)}])
def test_planes_are_put_together(dtype, big, options):
    planes = np.moveaxis(colours(dtype), -1, 0)
    for order in "<" if big and "tile" in options else "<>":
        data = written(planes, photometric="rgb", planarconfig="separate", bigtiff=big,
                       byteorder=order, **options)  # fmt: skip
        np.testing.assert_allclose(image_of(data), SHOWN, atol=2e-3 if dtype != np.uint8 else 4e-3)


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_what_is_white_at_0_is_not_a_negative(dtype):
    grey = colours(dtype)[..., 1]
    data = written(np.iinfo(dtype).max - grey, photometric="miniswhite")
    np.testing.assert_allclose(image_of(data)[..., 0], SHOWN[..., 1], atol=ONE_CODE)


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
@pytest.mark.parametrize("kind", ["cielab", "icclab"])
def test_lab_is_shown_as_its_colours(dtype, kind):
    srgb, lab = ImageCms.createProfile("sRGB"), ImageCms.createProfile("LAB")
    coded = ImageCms.profileToProfile(Image.fromarray(colours()), srgb, lab, outputMode="LAB")
    stored = np.asarray(coded).astype(np.float64)  # a and b from -128 on, as two's complement
    signed = np.asarray(coded)[..., 1:].view(np.int8).astype(np.float64)
    wide = dtype == np.uint16
    light = stored[..., :1] / 255.0 * ((65280 if kind == "icclab" else 65535) if wide else 255)
    ab = (signed + 128 if kind == "icclab" else signed) * (256 if wide else 1)
    values = np.rint(np.concatenate([light, ab], -1)).astype(np.int64).astype(dtype)
    data = written(values, photometric=kind)
    assert np.abs(image_of(data) - SHOWN).mean() < 1.5 * ONE_CODE


def test_inks_with_a_channel_more_are_read():
    profile = cmyk_profile(
        lambda c, m, y, k: (100 - 30 * c - 20 * m - 10 * y - 30 * k, 9 * m, 9 * y)
    )
    inks = np.rint(np.dstack([SHOWN, SHOWN[..., :1] * 0.3]) * 255).astype(np.uint8)
    options = {"photometric": "separated", "iccprofile": profile}
    plain = image_of(written(inks, **options))
    more = np.dstack([inks, np.full_like(alphas(), 255)])
    for meaning in ("unassalpha", "unspecified"):
        with_more = image_of(written(more, extrasamples=[meaning], **options))
        np.testing.assert_array_equal(with_more, plain)


@pytest.mark.parametrize("dtype", [np.float32, np.float16])
@pytest.mark.parametrize("gamut", [REC709, P3, ADOBE_RGB], ids=["sRGB", "P3", "Adobe"])
def test_light_of_a_linear_profile_keeps_what_is_brighter_than_white(dtype, gamut):
    light = colours(np.float32)
    light[:8] *= 6.0
    values = (light @ np.linalg.inv(matrix_of(gamut)).T).astype(dtype)
    photo = decode_photo(written(values, iccprofile=rgb_profile(gamut, 1.0)))
    assert photo.highlights is not None
    found = decode_srgb(photo.image) + photo.highlights
    np.testing.assert_allclose(found, light, rtol=0.02, atol=4e-3)
    brighter = decode_photo(written(values, iccprofile=rgb_profile(gamut, 1.0)), exposure=1.0)
    np.testing.assert_allclose(brighter.highlights[4, 4] + 1.0, 2.0 * light[4, 4], rtol=0.02)


def test_floating_point_numbers_of_other_profiles_are_what_the_profile_says():
    srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    data = written(SHOWN.astype(np.float32), iccprofile=srgb)
    np.testing.assert_allclose(image_of(data), SHOWN, atol=ONE_CODE)
    grey = (colours(np.float32)[..., 1] ** (1 / 1.8)).astype(np.float32)
    data = written(grey, iccprofile=grey_profile(1.8))
    np.testing.assert_allclose(image_of(data)[..., 1], SHOWN[..., 1], atol=2 * ONE_CODE)
