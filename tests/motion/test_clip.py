"""Clips are decoded whatever they are called, and refused in one sentence."""

import io

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


@pytest.mark.parametrize(
    ("suffix", "codec"), [(".mp4", "mp4v"), (".avi", "MJPG"), (".mkv", "mp4v")]
)
def test_videos_keep_frames_and_rate(frames, tmp_path, suffix, codec):
    clip = decode_clip(video(frames, tmp_path, 12.0, suffix, codec))
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
def test_a_video_that_was_cut_off_before_its_index_is_refused(frames, tmp_path, share):
    data = video(frames, tmp_path)
    with pytest.raises(LivescapeError) as caught:
        decode_clip(data[: int(share * len(data))])
    assert caught.value.code == "clip_unreadable"
