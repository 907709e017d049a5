"""Where clips are, and what they hold: videos, archives of frames, folders of pictures."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from livescape.imaging.faults import Oversized, Unreadable
from livescape.imaging.numpy_files import read_array
from livescape.imaging.png import read_pixels
from livescape.imaging.video import MAX_FRAMES, Clip, decode_clip
from livescape_shared.errors import LivescapeError
from livescape_shared.files import input_refusal

UInt8Array = NDArray[np.uint8]

PLAIN_FPS = 1000.0 / 42.0
"""Frames per second of frames that come without a rate: some 24, by a pause of whole ms."""

_VIDEOS = (".gif", ".apng", ".mp4", ".mov", ".m4v", ".webm", ".mkv", ".avi")
_PICTURES = (".png", ".jpg", ".jpeg", ".bmp", ".tif", ".tiff", ".webp")
_EITHER = (".png", ".webp")


def find_clips(folder: Path) -> list[Path]:
    """Return the clips in a folder and the folders below it, by name.

    A folder that holds two or more pictures and nothing that moves is itself a clip.

    Raises:
        LivescapeError: ``input_unreadable`` if there is none, or a folder cannot be read.
    """
    try:
        found = _clips_below(folder) if folder.is_dir() else []
    except OSError as error:
        raise input_refusal(Path(error.filename or folder), error) from error
    if not found:
        raise LivescapeError(
            "input_unreadable",
            f"{folder.name or folder} holds no clip.",
            hint="Name a folder of videos, GIFs, folders of numbered frames, or .npz of frames.",
        )
    return found


def read_frames(path: Path) -> Clip:
    """Read a clip that :func:`find_clips` found; its rate is that of whole milliseconds a frame.

    Args:
        path: A video, an ``.npz`` with ``frames`` [T, H, W, 3] uint8, or a folder of pictures.

    Raises:
        LivescapeError: ``clip_unreadable``, ``clip_too_short`` and the readers' codes.
    """
    if path.is_dir():
        pictures = sorted(p for p in path.iterdir() if p.suffix.lower() in _PICTURES)
        return _plain_clip(path, [read_pixels(picture) for picture in pictures[:MAX_FRAMES]])
    try:
        data = path.read_bytes()
    except OSError as error:
        raise input_refusal(path, error) from error
    if path.suffix.lower() != ".npz":
        clip = decode_clip(data)
        return Clip(clip.frames, 1000.0 / max(1, round(1000.0 / clip.fps)))
    try:
        frames = read_array(data, "frames")
    except (Oversized, Unreadable) as fault:
        raise _unreadable(path, str(fault)) from fault
    if frames.ndim != 4 or frames.shape[3] != 3 or frames.dtype != np.uint8:
        raise _unreadable(path, f"its frames are {frames.dtype} {frames.shape}")
    return _plain_clip(path, list(frames[:MAX_FRAMES]))


def _clips_below(folder: Path) -> list[Path]:
    inside = sorted(folder.iterdir())
    clips = [path for path in inside if path.is_file() and _moves(path)]
    below = [clip for path in inside if path.is_dir() for clip in _clips_below(path)]
    pictures = [path for path in inside if path.is_file() and path.suffix.lower() in _PICTURES]
    if len(pictures) > 1 and not clips:
        return [folder, *below]
    return [*clips, *below]


def _moves(path: Path) -> bool:
    suffix = path.suffix.lower()
    if suffix == ".npz":
        try:
            with np.load(path) as stored:
                return "frames" in stored.files
        except (OSError, ValueError):
            return False
    if suffix not in _EITHER:
        return suffix in _VIDEOS
    try:
        with Image.open(path) as picture:
            return int(getattr(picture, "n_frames", 1)) > 1
    except OSError:
        return False


def _plain_clip(path: Path, frames: Sequence[UInt8Array]) -> Clip:
    if len(frames) < 2:
        message = f"{path.name} has only one frame, and a clip needs at least two."
        raise LivescapeError("clip_too_short", message)
    if len({frame.shape for frame in frames}) > 1:
        raise _unreadable(path, "its pictures differ in size")
    return Clip(np.stack(frames), PLAIN_FPS)


def _unreadable(path: Path, reason: str) -> LivescapeError:
    return LivescapeError(
        "clip_unreadable",
        f"{path.name} cannot be read as a clip: {reason}.",
        hint="Name videos, folders of frames of one size, or .npz with frames [T, H, W, 3] uint8.",
    )
