"""Clips in every container and codec that people have, with uneven frames and other pixels."""

import io
from fractions import Fraction
from itertools import pairwise

import av
import numpy as np
import pytest
from PIL import Image

from livescape.imaging.video import decode_clip

HEIGHT, WIDTH = 96, 160
DRIFT = 6.0
"""Pixels that the picture moves in a twenty-fifth of a second."""


def picture(at):
    y, x = np.mgrid[0:HEIGHT, 0:WIDTH]
    value = 127 + 100 * np.sin((x - DRIFT * at) / 14.0) * np.cos(y / 20.0)
    return np.dstack([value, np.roll(value, 9, 1), 255 - value]).astype(np.uint8)


def encoded(container, codec, pixels, times=None, aspect=None):
    """Return a clip of 10 frames, at ``times`` in seconds or 25 a second."""
    stream = io.BytesIO()
    with av.open(stream, "w", format=container) as out:
        track = out.add_stream(codec, rate=25)
        track.width, track.height, track.pix_fmt = WIDTH, HEIGHT, pixels
        if times is not None:
            track.codec_context.time_base = Fraction(1, 1000)
        if aspect is not None:
            track.codec_context.sample_aspect_ratio = aspect
        for number in range(10):
            at = number if times is None else times[number] * 25
            frame = av.VideoFrame.from_ndarray(picture(at), format="rgb24")
            frame = frame.reformat(format=pixels)
            if times is not None:
                frame.pts, frame.time_base = round(times[number] * 1000), Fraction(1, 1000)
            out.mux(track.encode(frame))
        out.mux(track.encode())
    return stream.getvalue()


@pytest.mark.parametrize(("container", "codec", "pixels"), [
    ("mpegts", "libx264", "yuv420p"), ("mpeg", "mpeg2video", "yuv420p"),
    ("mpeg2video", "mpeg2video", "yuv420p"), ("asf", "wmv2", "yuv420p"), ("flv", "flv", "yuv420p"),
    ("mxf", "mpeg2video", "yuv422p"), ("yuv4mpegpipe", "wrapped_avframe", "yuv420p"),
    ("ivf", "libvpx-vp9", "yuv420p"), ("h264", "libx264", "yuv420p"),
    ("hevc", "libx265", "yuv420p"),
    ("mov", "prores_ks", "yuva444p10le"), ("mov", "qtrle", "argb"), ("mov", "jpeg2000", "rgb24"),
    ("matroska", "ffv1", "yuv444p"), ("avi", "huffyuv", "yuv422p"), ("webm", "libvpx", "yuv420p"),
])  # fmt: skip
def test_a_clip_in_any_container_is_read(container, codec, pixels):
    clip = decode_clip(encoded(container, codec, pixels))
    assert clip.frames.shape == (10, HEIGHT, WIDTH, 3)
    assert clip.fps == pytest.approx(25.0, rel=0.01)
    wanted = np.stack([picture(number) for number in range(10)]).astype(float)
    assert np.abs(clip.frames - wanted).mean() < 14.0


def test_moving_pictures_of_avif():
    stream = io.BytesIO()
    more = [Image.fromarray(picture(number)) for number in range(1, 6)]
    Image.fromarray(picture(0)).save(
        stream, "AVIF", save_all=True, append_images=more, duration=50, quality=90
    )
    clip = decode_clip(stream.getvalue())
    assert len(clip.frames) == 6
    assert clip.fps == pytest.approx(20.0)


def drift_of(clip):
    """Return by how many pixels a second the picture moves, from one frame to the next each."""
    rates = []
    for one, other in pairwise(clip.frames.astype(float)):
        off = [np.abs(np.roll(one, by, 1) - other)[:, 30:-30].mean() for by in range(25)]
        rates.append(int(np.argmin(off)) * clip.fps)
    return np.array(rates)


@pytest.mark.parametrize("dropped", [(3, 4, 7, 8, 11, 12), (2, 5, 8, 11)])
def test_uneven_frames_move_evenly(dropped):
    times = [number / 25.0 for number in range(20) if number not in dropped][:10]
    clip = decode_clip(encoded("matroska", "libx264", "yuv420p", times=times))
    assert len(clip.frames) >= 4
    np.testing.assert_allclose(np.median(drift_of(clip)), DRIFT * 25.0, rtol=0.2)
    assert drift_of(clip).min() > 0.0


@pytest.mark.parametrize("aspect", [Fraction(4, 3), Fraction(10, 11), Fraction(64, 45)])
def test_pixels_become_square(aspect):
    clip = decode_clip(encoded("matroska", "libx264", "yuv420p", aspect=aspect))
    height, width = clip.frames.shape[1:3]
    assert width / height == pytest.approx(WIDTH / HEIGHT * aspect, rel=0.02)
