"""What headers say beyond size: HDR's axes and colours, PNM's largest value, PFM's scale."""

import struct

import cv2
import numpy as np
import pytest
from PIL import Image
from tests.imaging.icc_profiles import grey_profile
from tests.imaging.test_color import chunked
from tests.imaging.test_decode import png, saved
from tests.imaging.test_tiff import ONE_CODE, SHOWN, colours

from livescape.depth.file import read_depth_map
from livescape.imaging.color.encodings import PRIMARIES, decode_srgb, to_rec709, xyz_to_rec709
from livescape.imaging.decode import decode_photo
from livescape.motion.mask_file import read_mask

LIGHT = colours(np.float32)
HEIGHT, WIDTH = LIGHT.shape[:2]


def radiance(light, size, head=b"#?RADIANCE\nFORMAT=32-bit_rle_rgbe\n\n"):
    """Return a file of lines [N, M, 3], each pixel by itself."""
    exponents = np.floor(np.log2(light.max(axis=-1))) + 1.0
    mantissas = np.rint(light * 256.0 / 2.0 ** exponents[..., None]).clip(0, 255).astype(np.uint8)
    return head + size + np.dstack([mantissas, (exponents + 128).astype(np.uint8)]).tobytes()


@pytest.mark.parametrize(("size", "turned"), [
    (b"-Y %d +X %d\n", lambda a: a), (b"+Y %d +X %d\n", lambda a: a[::-1]),
    (b"-Y %d -X %d\n", lambda a: a[:, ::-1]), (b"+Y %d -X %d\n", lambda a: a[::-1, ::-1]),
    (b"+X %d -Y %d\n", lambda a: a.swapaxes(0, 1)),
    (b"-X %d +Y %d\n", lambda a: a[::-1, ::-1].swapaxes(0, 1)),
])  # fmt: skip
def test_radiance_of_any_order_is_upright(size, turned):
    lines = np.ascontiguousarray(turned(LIGHT))
    data = radiance(lines, size % lines.shape[:2])
    np.testing.assert_allclose(decode_photo(data).image, SHOWN, atol=2 * ONE_CODE)


def test_radiance_of_xyz_and_of_named_primaries():
    size = b"-Y %d +X %d\n" % (HEIGHT, WIDTH)
    xyz = LIGHT @ np.linalg.inv(xyz_to_rec709((1.0, 1.0, 1.0))).T
    data = radiance(xyz, size, b"#?RADIANCE\nFORMAT=32-bit_rle_xyze\n\n")
    np.testing.assert_allclose(decode_photo(data).image, SHOWN, atol=3 * ONE_CODE)
    wide = LIGHT @ np.linalg.inv(to_rec709(PRIMARIES[9])).T
    named = b"PRIMARIES= 0.708 0.292 0.170 0.797 0.131 0.046 0.3127 0.3290\n"
    data = radiance(wide, size, b"#?RADIANCE\n" + named + b"\n")
    np.testing.assert_allclose(decode_photo(data).image, SHOWN, atol=3 * ONE_CODE)


@pytest.mark.parametrize("most", [100, 1023, 4095])
def test_the_largest_value_of_a_pnm_is_white(most):
    kind = "u1" if most < 256 else ">u2"
    head = b"P6\n# by a test\n%d %d\n%d\n" % (WIDTH, HEIGHT, most)
    data = head + np.rint(SHOWN * most).astype(kind).tobytes()
    np.testing.assert_allclose(decode_photo(data).image, SHOWN, atol=0.6 / most + 0.6 * ONE_CODE)
    grey = b"P7\nWIDTH %d\nHEIGHT %d\nDEPTH 1\nMAXVAL %d\nTUPLTYPE GRAYSCALE\nENDHDR\n"
    moving = np.arange(WIDTH)[None].repeat(HEIGHT, 0) % 2
    data = grey % (WIDTH, HEIGHT, most) + (moving * most).astype(kind).tobytes()
    np.testing.assert_array_equal(read_mask(data), moving)


def test_the_scale_and_comments_of_a_pfm_change_nothing():
    for scale in (b"-1.0", b"-0.003922", b"-2"):
        data = b"Pf\n# a comment\n%d %d\n%s\n" % (WIDTH, HEIGHT, scale)
        data += LIGHT[::-1, :, 0].astype("<f4").tobytes()
        np.testing.assert_array_equal(read_depth_map(data), LIGHT[..., 0])


def test_the_curve_of_a_grey_png():
    grey = np.rint(LIGHT[..., 1] * 65535).astype(np.uint16)
    for chunk in ({"gAMA": struct.pack(">I", 100_000)}, {"cICP": bytes([1, 8, 0, 1])}):
        shown = decode_photo(chunked(cv2.imencode(".png", grey)[1].tobytes(), **chunk)).image
        np.testing.assert_allclose(shown[..., 1], SHOWN[..., 1], atol=2e-3)


def test_videos_range_is_widened():
    narrow = np.rint((SHOWN * 219 + 16) / 255 * 65535).astype(np.uint16)
    shown = decode_photo(chunked(png(narrow), cICP=bytes([1, 13, 0, 0]))).image
    np.testing.assert_allclose(shown, SHOWN, atol=1e-3)


def test_a_profile_of_grey_counts_for_grey_with_transparency():
    grey = Image.fromarray(np.rint(LIGHT[..., 1] ** (1 / 1.8) * 255).astype(np.uint8))
    both = Image.merge("LA", [grey, Image.new("L", grey.size, 255)])
    shown = decode_photo(saved(both, "PNG", icc_profile=grey_profile(1.8))).image
    np.testing.assert_allclose(shown[..., 1], SHOWN[..., 1], atol=2 * ONE_CODE)


def test_a_png_that_lacks_its_end_alone_is_whole():
    data = png(colours())
    for lost in (1, 4, 12):
        np.testing.assert_array_equal(decode_photo(data[:-lost]).image, decode_photo(data).image)


def test_primaries_outside_what_can_be_seen_are_primaries():
    """Those of ACES, of which blue has a negative y."""
    aces = (0.7347, 0.2653, 0.0, 1.0, 0.0001, -0.077, 0.32168, 0.33767)
    matrix = to_rec709(aces)
    np.testing.assert_allclose(matrix.sum(axis=1), 1.0, atol=1e-6)
    assert matrix[0, 0] > 2.0


def exr_of_chroma(luminance, red, blue):
    """Return an uncompressed file of half floats whose colours are half as large."""
    height, width = luminance.shape

    def attribute(name, kind, body):
        return name + b"\0" + kind + b"\0" + struct.pack("<i", len(body)) + body

    channel = lambda name, step: name + b"\0" + struct.pack("<iiii", 1, 0, step, step)  # noqa: E731
    window = struct.pack("<4i", 0, 0, width - 1, height - 1)
    head = b"\x76\x2f\x31\x01\x02\0\0\0"
    head += attribute(b"channels", b"chlist",
                      channel(b"BY", 2) + channel(b"RY", 2) + channel(b"Y", 1) + b"\0")  # fmt: skip
    head += attribute(b"compression", b"compression", b"\0")
    head += attribute(b"dataWindow", b"box2i", window)
    head += attribute(b"displayWindow", b"box2i", window)
    head += attribute(b"lineOrder", b"lineOrder", b"\0")
    head += attribute(b"pixelAspectRatio", b"float", struct.pack("<f", 1.0))
    head += attribute(b"screenWindowCenter", b"v2f", bytes(8))
    head += attribute(b"screenWindowWidth", b"float", struct.pack("<f", 1.0)) + b"\0"
    offsets, body = b"", b""
    for row in range(height):
        offsets += struct.pack("<Q", len(head) + 8 * height + len(body))
        planes = [luminance[row]]
        if row % 2 == 0:
            planes = [blue[row // 2], red[row // 2], luminance[row]]
        line = b"".join(plane.astype("<f2").tobytes() for plane in planes)
        body += struct.pack("<ii", row, len(line)) + line
    return head + offsets + body


def test_exr_of_luminance_and_chroma_has_its_colours():
    luminance = LIGHT @ np.array([0.2126, 0.7152, 0.0722])
    red, blue = ((LIGHT[..., at] / luminance - 1.0)[::2, ::2] for at in (0, 2))
    shown = decode_photo(exr_of_chroma(luminance, red, blue)).image
    assert np.abs(shown - SHOWN).max() < 4 * ONE_CODE
    assert np.abs(decode_srgb(shown) - LIGHT).mean() < 2e-3
