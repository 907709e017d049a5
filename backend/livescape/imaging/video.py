"""Video: a short clip of the place in motion, decoded and checked, and mp4 written.

The kind of file is told by its first bytes, never by its name. Only plain containers are opened:
playlists and the like can make a decoder read other files of this machine.
"""

from __future__ import annotations

import io
import logging
import math
import tempfile
import warnings
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageSequence

from livescape_shared.errors import LivescapeError

LOGGER = logging.getLogger(__name__)

UInt8Array = NDArray[np.uint8]

MIN_SIDE = 32
MAX_SIDE = 4096
MAX_FRAMES = 60
"""Frames that are read from the start of a clip; more do not change a median."""

MEASURED_SIDE = 512
"""Long side in pixels that frames are reduced to: flow is measured there."""

_PICTURES = ("GIF", "WEBP", "PNG")
_PICTURE_STARTS = (b"GIF8", b"\x89PNG", b"RIFF....WEBP")
_VIDEO_STARTS = (
    *(b"...." + box for box in (b"ftyp", b"moov", b"mdat", b"wide", b"free", b"skip")),
    b"\x1a\x45\xdf\xa3",  # Matroska, WebM
    b"RIFF....AVI ",
)
_DEFAULT_FPS = 24.0
_GIF_PAUSE_MS = 100.0  # what browsers take for a pause of zero
_DAMAGE = (OSError, ValueError, SyntaxError, EOFError, Image.DecompressionBombError)


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
    """Decode a GIF, animated WebP or PNG, MP4, MOV, WebM, MKV or AVI.

    Raises:
        LivescapeError: ``clip_unreadable``, ``clip_too_large``, ``clip_too_small``,
            ``clip_too_short``.
    """
    if _starts_as(data, _PICTURE_STARTS):
        frames, fps = _read_pictures(data)
    elif _starts_as(data, _VIDEO_STARTS):
        frames, fps = _read_video(data)
    else:
        raise _unreadable()
    if not frames:
        raise _unreadable()
    if len(frames) < 2:
        raise LivescapeError(
            "clip_too_short",
            "The clip has one frame, and motion needs two.",
            hint="Give a second or two of the place in motion, from a camera that stands still.",
        )
    LOGGER.info("clip of %d frames at %.3g frames per second", len(frames), fps)
    return Clip(np.stack(frames), fps)


def write_video(path: Path, frames: Iterable[UInt8Array], fps: float) -> None:
    """Write an H.264 mp4 that every player opens; odd sizes lose their last row or column."""
    import imageio_ffmpeg  # a whole ffmpeg, which only a video needs

    writer = None
    for frame in frames:
        even = np.ascontiguousarray(frame[: frame.shape[0] // 2 * 2, : frame.shape[1] // 2 * 2])
        if writer is None:
            writer = imageio_ffmpeg.write_frames(
                str(path), (even.shape[1], even.shape[0]), fps=fps, quality=8, macro_block_size=2
            )
            writer.send(None)
        writer.send(even)
    if writer is not None:
        writer.close()


def _starts_as(data: bytes, starts: tuple[bytes, ...]) -> bool:
    """Return whether ``data`` begins with one of ``starts``, in which a dot is any byte."""
    return any(
        len(data) >= len(start)
        and all(want in (have, ord(".")) for have, want in zip(data, start, strict=False))
        for start in starts
    )


def _read_pictures(data: bytes) -> tuple[list[UInt8Array], float]:
    frames, pauses = [], []
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(data), formats=_PICTURES) as picture:
                _check_size(*picture.size)
                for frame in islice(ImageSequence.Iterator(picture), MAX_FRAMES):
                    frames.append(_reduced(np.asarray(frame.convert("RGB"))))
                    pauses.append(float(frame.info.get("duration") or _GIF_PAUSE_MS))
    except _DAMAGE as error:
        raise _unreadable() from error
    return frames, 1000.0 / float(np.mean(pauses or [_GIF_PAUSE_MS]))


def _read_video(data: bytes) -> tuple[list[UInt8Array], float]:
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        path = Path(folder) / "clip"
        path.write_bytes(data)
        video = cv2.VideoCapture(str(path), cv2.CAP_FFMPEG)
        try:
            if not video.isOpened():
                raise _unreadable()
            width, height = cv2.CAP_PROP_FRAME_WIDTH, cv2.CAP_PROP_FRAME_HEIGHT
            _check_size(int(video.get(width)), int(video.get(height)))
            frames = [_reduced(frame) for frame in islice(_decoded(video), MAX_FRAMES)]
            fps = float(video.get(cv2.CAP_PROP_FPS))
        finally:
            video.release()
    return frames, fps if math.isfinite(fps) and 0.01 < fps <= 1000 else _DEFAULT_FPS


def _decoded(video: cv2.VideoCapture) -> Iterator[UInt8Array]:
    while True:
        good, frame = video.read()
        if not good:
            return
        yield np.asarray(cv2.cvtColor(frame, cv2.COLOR_BGR2RGB), dtype=np.uint8)


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
            hint="Scale it down; 1280 pixels are more than motion needs.",
        )
    if min(width, height) < MIN_SIDE:
        raise LivescapeError(
            "clip_too_small",
            f"{size}; both sides need at least {MIN_SIDE}.",
            hint="Use a larger version of the clip.",
        )


def _unreadable() -> LivescapeError:
    return LivescapeError(
        "clip_unreadable",
        "The clip cannot be read as a video.",
        hint="Save it as MP4, WebM or GIF.",
    )
