"""Kinds of files whose usual decoder does not read what other programs write of that kind."""

import io
from fractions import Fraction

import av
import numpy as np
import pytest
import tifffile
from tests.imaging.damage import refusal
from tests.imaging.test_decode import pixels

from livescape.depth.file import read_depth_map
from livescape.imaging.decode import decode_photo, read_image
from livescape_shared.conventions import srgb_to_linear

IMAGE = pixels()


def by_ffmpeg(codec, kind, image=IMAGE):
    stream = io.BytesIO()
    with av.open(stream, "w", format="image2pipe") as out:
        track = out.add_stream(codec, rate=Fraction(1))
        track.height, track.width = image.shape[:2]
        track.pix_fmt = kind
        source = "gray" if image.ndim == 2 else {3: "rgb24", 4: "rgba"}[image.shape[2]]
        frame = av.VideoFrame.from_ndarray(image, format=source).reformat(format=kind)
        for packet in (*track.encode(frame), *track.encode()):
            out.mux(packet)
    return stream.getvalue()


def smooth():
    """A picture that runs of equal values pack."""
    return np.ascontiguousarray(np.sort(IMAGE, axis=1) // 64 * 64)


@pytest.mark.parametrize(
    ("codec", "kind"),
    [("sgi", "rgb24"), ("sunrast", "bgr24"), ("pam", "rgb24"), ("targa", "bgr24"),
     ("tiff", "rgb24"), ("png", "rgb24"), ("bmp", "bgr24"), ("ppm", "rgb24")],
)  # fmt: skip
@pytest.mark.parametrize("image", [IMAGE, smooth()], ids=["noise", "runs"])
def test_what_ffmpeg_writes_is_read(codec, kind, image):
    found = decode_photo(by_ffmpeg(codec, kind, image)).image
    np.testing.assert_allclose(found * 255, image, atol=0.01)


@pytest.mark.parametrize("codec", ["sgi", "pam", "png"])
@pytest.mark.parametrize("image", [IMAGE[..., 0], smooth()[..., 0]], ids=["noise", "runs"])
def test_what_ffmpeg_writes_in_grey_is_read(codec, image):
    found = decode_photo(by_ffmpeg(codec, "gray", np.ascontiguousarray(image))).image
    np.testing.assert_allclose(found[..., 1] * 255, image, atol=0.01)


@pytest.mark.parametrize("codec", ["sgi", "pam"])
def test_what_ffmpeg_writes_with_transparency_is_read(codec):
    image = np.dstack([IMAGE, np.full(IMAGE.shape[:2], 128, np.uint8)])
    found, _ = read_image(by_ffmpeg(codec, "rgba", image))
    np.testing.assert_array_equal(found[..., [2, 1, 0, 3]], image)


@pytest.mark.parametrize(
    "options",
    [{}, {"byteorder": ">"}, {"compression": "zlib"}, {"tile": (32, 32)}, {"bigtiff": True}],
)
@pytest.mark.parametrize("channels", [1, 3])
def test_tiff_of_half_precision(options, channels):
    linear = srgb_to_linear(IMAGE[..., :channels].squeeze() / np.float32(255)).astype(np.float16)
    stream = io.BytesIO()
    tifffile.imwrite(
        stream, linear, photometric="rgb" if channels == 3 else "minisblack", **options
    )
    found, _ = read_image(stream.getvalue())
    shown = found[..., ::-1] if channels == 3 else found
    np.testing.assert_array_equal(shown, linear.astype(np.float32))
    shown = decode_photo(stream.getvalue()).image.mean()
    assert abs(shown - IMAGE[..., :channels].mean() / 255) < 0.01


def test_depth_of_half_precision():
    metres = np.linspace(3, 40, 72 * 96).reshape(72, 96).astype(np.float16)
    stream = io.BytesIO()
    tifffile.imwrite(stream, metres)
    np.testing.assert_array_equal(read_depth_map(stream.getvalue()), metres.astype(np.float32))


def test_damage_in_those_files_is_one_sentence():
    rng = np.random.default_rng(0)
    stream = io.BytesIO()
    tifffile.imwrite(stream, IMAGE.astype(np.float16), photometric="rgb")
    for data in (stream.getvalue(), by_ffmpeg("sgi", "rgb24"), by_ffmpeg("sunrast", "bgr24")):
        for _ in range(40):
            broken = bytearray(data[: rng.integers(20, len(data))])
            broken[rng.integers(2, min(len(broken), 600))] = rng.integers(0, 256)
            error = refusal(decode_photo, bytes(broken))
            assert error is None or error.code.startswith("photo_")
