"""Clips are decoded whatever they are called, and refused in one sentence."""

import io
import struct

import numpy as np
import pytest
from PIL import Image
from tests.motion.clips import advected, gif, video

from livescape.imaging import video as clips
from livescape.imaging.video import MAX_FRAMES, decode_clip
from livescape_shared.errors import LivescapeError


@pytest.fixture(scope="module")
def frames():
    flow = np.broadcast_to(np.float32([1.0, 0.0]), (48, 64, 2))
    return advected(np.ascontiguousarray(flow), 6)


def test_a_gif_keeps_frames_and_rate(frames):
    clip = decode_clip(gif(frames, pause_ms=40))
    assert clip.fps == pytest.approx(25.0)
    assert clip.frames.shape == frames.shape
    assert np.abs(clip.frames.astype(int) - frames).mean() < 3  # 256 colours


CODECS = [
    ("mp4", "mpeg4", "yuv420p"),
    ("mp4", "libx264", "yuv420p"),
    ("mp4", "libx265", "yuv420p"),
    ("mp4", "libsvtav1", "yuv420p"),
    ("mov", "prores_ks", "yuv422p10le"),
    ("avi", "mjpeg", "yuvj420p"),
    ("matroska", "mpeg4", "yuv420p"),
    ("webm", "libvpx-vp9", "yuv420p"),
]


@pytest.mark.parametrize(("container", "codec", "pixels"), CODECS)
def test_videos_keep_frames_and_rate(frames, container, codec, pixels):
    clip = decode_clip(video(frames, 12, container, codec, pixels))
    assert clip.fps == pytest.approx(12.0)
    assert clip.frames.shape == frames.shape
    assert np.abs(clip.frames.astype(int) - frames).mean() < 12  # lossy


def test_a_gif_without_pauses_plays_as_browsers_play_it(frames):
    assert decode_clip(gif(frames, pause_ms=0)).fps == pytest.approx(10.0)


def test_large_frames_are_reduced_and_long_clips_cut(monkeypatch, frames):
    monkeypatch.setattr(clips, "MEASURED_SIDE", 32)
    many = np.concatenate([frames] * 12) + np.arange(72, dtype=np.uint8)[:, None, None, None] // 8
    assert decode_clip(gif(many)).frames.shape == (MAX_FRAMES, 24, 32, 3)


def still_image(width, height):
    stream = io.BytesIO()
    Image.new("L", (width, height)).save(stream, "GIF")
    return stream.getvalue()


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "clip_unreadable"),
        (b"no video at all", "clip_unreadable"),
        (b"#EXTM3U\nfile:///etc/hostname\n", "clip_unreadable"),
        (b"GIF89a" + bytes(40), "clip_unreadable"),
        (b"\0\0\0\x20ftypisom" + bytes(100), "clip_unreadable"),
        (still_image(64, 48), "clip_too_short"),
        (still_image(5000, 40), "clip_too_large"),
        (still_image(64, 20), "clip_too_small"),
    ],
)
def test_what_is_no_clip_is_refused(data, code):
    with pytest.raises(LivescapeError) as caught:
        decode_clip(data)
    assert caught.value.code == code
    assert caught.value.hint


@pytest.mark.parametrize("share", [0.02, 0.2])
def test_a_video_that_was_cut_off_before_its_index_is_refused(frames, share):
    data = video(frames)
    with pytest.raises(LivescapeError) as caught:
        decode_clip(data[: int(share * len(data))])
    assert caught.value.code == "clip_unreadable"


def test_a_video_that_was_cut_off_later_keeps_its_start(frames):
    many = np.concatenate([frames] * 3)
    data = video(many, container="avi", codec="mjpeg", pixels="yuvj420p")
    clip = decode_clip(data[: int(0.7 * len(data))])
    assert 2 <= len(clip.frames) < len(many)


QUARTER_TURNS = {0: (1, 0, 0, 1), 90: (0, 1, -1, 0), 180: (-1, 0, 0, -1), 270: (0, -1, 1, 0)}
"""The matrix of an MP4 track by the degrees that it turns a picture clockwise."""


@pytest.mark.parametrize("degrees", QUARTER_TURNS)
def test_what_a_phone_filmed_sideways_is_upright(frames, degrees):
    data = bytearray(video(frames, codec="libx264"))
    a, b, c, d = (value * 65536 for value in QUARTER_TURNS[degrees])
    at = data.index(b"tkhd") + 44
    data[at : at + 36] = struct.pack(">9i", a, b, 0, c, d, 0, 0, 0, 1 << 30)
    clip = decode_clip(bytes(data))
    upright = np.rot90(decode_clip(video(frames, codec="libx264")).frames, -degrees // 90, (1, 2))
    np.testing.assert_array_equal(clip.frames, upright)


@pytest.mark.parametrize("kind", [b"\0\0\0\x20ftypavif", b"\xff\xd8\xff", b"\x93NUMPY"])
def test_what_is_no_video_is_named(kind):
    with pytest.raises(LivescapeError, match="cannot be read as a video"):
        decode_clip(kind + bytes(60))


def test_frames_of_two_sizes_are_no_clip(frames):
    """Streams may be joined end to end, which no flow can be measured across."""
    small = video(frames, container="avi", codec="mjpeg", pixels="yuvj420p")
    large = video(np.repeat(frames, 2, axis=2), container="avi", codec="mjpeg", pixels="yuvj420p")
    first, second = (data.index(b"\xff\xd8") for data in (small, large))
    length = int.from_bytes(small[first - 4 : first], "little")
    joined = bytearray(small)
    joined[first : first + length] = large[second : second + length].ljust(length, b"\0")[:length]
    with pytest.raises(LivescapeError) as caught:
        decode_clip(bytes(joined))
    assert caught.value.code == "clip_unreadable"
