"""Video: a short clip of the place in motion, decoded and checked, and mp4 written.

The first bytes determine the kind of file, never its name. Only plain containers are opened:
playlists and the like can make a decoder read other files of this machine.
"""

from __future__ import annotations

import io
import logging
import math
import warnings
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from fractions import Fraction
from itertools import chain, islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, Final

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageSequence

from livescape.imaging.faults import Unreadable, decoding
from livescape.imaging.kinds import file_kind
from livescape_shared.errors import LivescapeError
from livescape_shared.files import whole_stream

if TYPE_CHECKING:  # loads all of FFmpeg, which only a video needs
    import av
    from av.container import InputContainer

LOGGER = logging.getLogger(__name__)

UInt8Array = NDArray[np.uint8]

MIN_SIDE = 32
MAX_SIDE = 4096
MAX_FRAMES = 60
"""Frames that are read from the start of a clip; more would not change the median."""

MEASURED_SIDE = 512
"""Long side in pixels that frames are reduced to: flow is measured there."""

_PICTURES: Final = {"GIF": "GIF", "WebP": "WEBP", "PNG": "PNG", "AVIF": "AVIF"}
"""Kinds of file that Pillow reads as a row of pictures, by its names."""

_VIDEOS: Final = {
    "MP4": "mov", "Matroska": "matroska", "AVI": "avi", "MPEG transport stream": "mpegts",
    "MPEG program stream": "mpeg", "MPEG video": "mpegvideo", "Windows Media": "asf",
    "Flash video": "flv", "Ogg": "ogg", "MXF": "mxf", "YUV4MPEG2": "yuv4mpegpipe", "IVF": "ivf",
    "DV": "dv", "H.264": "h264", "H.265": "hevc",
}  # fmt: skip
"""Containers by FFmpeg's names; no other is ever tried."""

_UNEVEN: Final = 1.25
"""Longest pause between frames, of their median, from which on they are not evenly spaced."""

_DEFAULT_FPS = 24.0
_GIF_PAUSE_MS = 100.0  # what browsers use for a duration of zero

_MOST_STEPS: Final = 0.9

_QUALITY: Final = {"crf": "10"}  # of H.264; visually lossless


@dataclass(frozen=True)
class Clip:
    """Frames of a camera that stands still.

    Attributes:
        frames: [T, h, w, 3] sRGB, T >= 2, reduced to :data:`MEASURED_SIDE`.
        fps: Frames per second at which the clip plays.
    """

    frames: UInt8Array
    fps: float


def decode_clip(data: bytes) -> Clip:
    """Decode a GIF, animated WebP or PNG, or a video in any container of :data:`_VIDEOS`.

    Frames come at even intervals, with square pixels, and upright.

    Raises:
        LivescapeError: ``clip_unreadable``, ``clip_too_large``, ``clip_too_small``,
            ``clip_too_short``.
    """
    kind = file_kind(data)
    try:
        with decoding("it is damaged"):
            if kind in _PICTURES:
                frames, fps = _read_pictures(data, _PICTURES[kind])
            elif kind in _VIDEOS:
                frames, fps = _read_video(data, _VIDEOS[kind])
            else:
                raise Unreadable(
                    f"{kind} cannot be read as a video" if kind else "it is not a video"
                )
        if not frames or len({frame.shape for frame in frames}) > 1:
            raise Unreadable("it is damaged")
    except Unreadable as fault:
        raise LivescapeError(
            "clip_unreadable",
            f"The clip cannot be read as a video: {fault}.",
            hint="Save it as MP4, WebM or GIF.",
        ) from fault
    if len(frames) < 2:
        raise LivescapeError(
            "clip_too_short",
            "The clip has only one frame, and motion needs at least two.",
            hint="Film the place in motion for a second or two, with a camera that stands still.",
        )
    LOGGER.info("clip of %d frames at %.3g frames per second", len(frames), fps)
    return Clip(np.stack(frames), fps)


def write_video(path: Path, frames: Iterable[UInt8Array], fps: float) -> None:
    """Write an H.264 mp4 that every player opens; odd sizes lose their last row or column.

    The file is written completely or not at all, and not at all if there are no frames.

    Args:
        path: File to write; folders that are missing are made.
        frames: [H, W, 3] sRGB each, all of one size, taken one at a time.
        fps: Frames per second.

    Raises:
        LivescapeError: ``disk_full``, ``output_not_writable`` or ``video_failed``.
    """
    frames = iter(frames)
    first = next(frames, None)
    if first is None:
        return
    with whole_stream(path) as stream:
        _encode(stream, chain([first], frames), fps)


def _encode(stream: BinaryIO, frames: Iterator[UInt8Array], fps: float) -> None:
    import av

    try:
        # Through Python's stream: FFmpeg gives no reason for disk errors and cannot open all paths.
        with av.open(stream, "w", format="mp4") as container:
            rate = Fraction(fps).limit_denominator(1001)
            video = container.add_stream("libx264", rate=rate, options=dict(_QUALITY))
            video.pix_fmt = "yuv420p"
            for number, frame in enumerate(frames):
                height, width = (side // 2 * 2 for side in frame.shape[:2])
                if number == 0:
                    video.width, video.height = width, height
                if (width, height) != (video.width, video.height) or not height * width:
                    raise _video_failed(f"a frame has {frame.shape[1]} x {frame.shape[0]} pixels")
                even = np.ascontiguousarray(frame[:height, :width])
                container.mux(video.encode(av.VideoFrame.from_ndarray(even, format="rgb24")))
            container.mux(video.encode())
    except av.FFmpegError as error:
        refused = error.__context__
        while isinstance(refused, av.FFmpegError):
            refused = refused.__context__
        if isinstance(refused, OSError):  # a disk error, raised in Python while FFmpeg called it
            raise refused from error
        raise _video_failed(str(error.strerror or error)) from error


def _video_failed(reason: str) -> LivescapeError:
    return LivescapeError(
        "video_failed",
        f"The video cannot be encoded: {reason}.",
        hint="The frames themselves are written as PNG; any video editor can join them.",
    )


def _read_pictures(data: bytes, name: str) -> tuple[list[UInt8Array], float]:
    frames, pauses = [], []
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with Image.open(io.BytesIO(data), formats=[name]) as picture:
            _check_size(*picture.size)
            for frame in islice(ImageSequence.Iterator(picture), MAX_FRAMES):
                frames.append(_reduced(np.asarray(frame.convert("RGB"))))
                pauses.append(float(frame.info.get("duration") or _GIF_PAUSE_MS))
    if len(frames) < 2:
        return frames, _DEFAULT_FPS
    return _evenly(frames, np.concatenate([[0.0], np.cumsum(pauses[:-1])]) / 1000.0)


def _read_video(data: bytes, name: str) -> tuple[list[UInt8Array], float]:
    import av

    with av.open(io.BytesIO(data), "r", format=name) as container:
        if not container.streams.video:
            raise Unreadable("it has no video stream")
        stream = container.streams.video[0]
        _check_size(stream.width, stream.height)
        # What is in the stream may be larger than what the container says.
        stream.codec_context.options = {"max_pixels": str(MAX_SIDE * MAX_SIDE)}
        frames, times = [], []
        for frame in islice(_decoded(container), MAX_FRAMES):
            frames.append(_reduced(_upright(frame, _pixel_aspect(stream))))
            times.append(math.nan if frame.time is None else float(frame.time))
        fps = float(stream.average_rate or stream.guessed_rate or 0.0)
    steps = np.diff(times)
    if not fps and len(steps) and (steps > 0.0).all():
        fps = 1.0 / float(steps.mean())
    if len(steps) and (steps > 0.0).all() and steps.max() > _UNEVEN * float(np.median(steps)):
        frames, fps = _evenly(frames, np.array(times))
    return frames, fps if math.isfinite(fps) and 0.01 < fps <= 1000 else _DEFAULT_FPS


def _evenly(
    frames: list[UInt8Array], times: NDArray[np.floating]
) -> tuple[list[UInt8Array], float]:
    """Return frames at even intervals, and how many there are a second.

    Phones drop frames in the dark, and pictures of an animation may each have their own time. No
    interval is shorter than nearly all pauses, so that no frame is taken twice.

    Args:
        frames: At least two.
        times: In seconds, increasing.
    """
    steps = np.diff(times)
    if steps.max() <= _UNEVEN * float(np.median(steps)):
        return frames, 1.0 / float(steps.mean())
    step = float(np.quantile(steps, _MOST_STEPS))
    ticks = np.arange(times[0], times[-1] + 0.5 * step, step)
    nearest = np.unique(np.abs(times[:, None] - ticks).argmin(axis=0))
    if len(nearest) < 2:
        return frames, 1.0 / float(steps.mean())
    chosen = [frames[number] for number in nearest]
    return chosen, (len(chosen) - 1) / float(times[nearest[-1]] - times[nearest[0]])


def _pixel_aspect(stream: Any) -> float:
    """Return the width of a pixel in heights: films on tape and discs are squeezed."""
    aspect = float(stream.sample_aspect_ratio or 1.0)
    return aspect if 0.2 < aspect < 5.0 else 1.0


def _decoded(container: InputContainer) -> Iterator[av.VideoFrame]:
    """Yield the frames that can be decoded; a clip cut off in the middle keeps its start."""
    import av

    packets = container.demux(video=0)
    while True:
        try:
            packet = next(packets, None)
        except av.FFmpegError:
            break
        if packet is None:
            return
        with suppress(av.FFmpegError):
            yield from packet.decode()
    with suppress(av.FFmpegError):
        yield from container.streams.video[0].decode(None)  # frames that the decoder still holds


def _upright(frame: av.VideoFrame, aspect: float) -> UInt8Array:
    """Return the pixels [H, W, 3] as players show them: phones store a rotation."""
    pixels = frame.to_ndarray(format="rgb24")
    if aspect != 1.0:
        height, width = pixels.shape[:2]
        # Never more than there are: the larger side shrinks.
        size = (width, max(1, round(height / aspect))) if aspect > 1.0 else (
            max(1, round(width * aspect)), height)  # fmt: skip
        pixels = np.asarray(cv2.resize(pixels, size, interpolation=cv2.INTER_AREA), np.uint8)
    return np.ascontiguousarray(np.rot90(pixels, round(frame.rotation / 90.0)))


def _reduced(frame: UInt8Array) -> UInt8Array:
    height, width = frame.shape[:2]
    scale = MEASURED_SIDE / max(height, width)
    if scale >= 1.0:
        return frame
    size = max(1, round(width * scale)), max(1, round(height * scale))
    return np.asarray(cv2.resize(frame, size, interpolation=cv2.INTER_AREA), dtype=np.uint8)


def _check_size(width: int, height: int) -> None:
    size = f"The clip has {width} x {height} pixels"
    if max(width, height) > MAX_SIDE:
        raise LivescapeError(
            "clip_too_large",
            f"{size}; no side may exceed {MAX_SIDE}.",
            hint="Scale it down; 1280 pixels are plenty for motion.",
        )
    if min(width, height) < MIN_SIDE:
        raise LivescapeError(
            "clip_too_small",
            f"{size}; both sides need at least {MIN_SIDE}.",
            hint="Use a larger version of the clip.",
        )
