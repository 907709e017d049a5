"""``livescape movie``: rendered frames as an mp4, such as at the end of a farm's job."""

from __future__ import annotations

import argparse
import re
from collections.abc import Iterator
from pathlib import Path

from livescape.commands.progress import TELLERS
from livescape.imaging.decode import shown_picture
from livescape.imaging.faults import Unreadable
from livescape.imaging.png import Pixels, read_pixels, to_pixels
from livescape.imaging.video import write_video
from livescape_shared.camera import read_camera_path
from livescape_shared.errors import LivescapeError
from livescape_shared.files import input_refusal
from livescape_shared.values import number

DESCRIPTION = "Make a movie of rendered frames."

DEFAULT_FPS = 24.0
MOST_FRAMES = 1_000_000
_SUFFIXES = (".png", ".exr", ".jpg", ".jpeg", ".tif", ".tiff", ".webp", ".hdr", ".tga", ".bmp",
             ".jp2", ".rgb", ".sgi")  # fmt: skip
"""Kinds of pictures that Blender renders; every frame is read by its content."""
_RANGE = re.compile(r"(?P<first>-?\d+)(?:-(?P<last>-?\d+))?(?::(?P<step>\d+))?")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of ``movie`` to ``parser``."""
    add = parser.add_argument
    add("folder", type=Path, help="folder of the frames, 0001.png or 0001.exr and so on")
    add("movie", type=Path, help="the .mp4 to write")
    add("--frames", type=_numbers, help="those that belong to it, such as 1-48 or 1-240:2")
    speed = parser.add_mutually_exclusive_group()
    speed.add_argument("--fps", type=frames_a_second,
        help=f"frames a second, default: {DEFAULT_FPS:g}")  # fmt: skip
    speed.add_argument("--camera-path", type=Path, help="take the speed from this file")
    add("--progress", choices=TELLERS, default="text",
        help="for people, or lines on standard output for programs")  # fmt: skip


def run(arguments: argparse.Namespace) -> int:
    """Write the movie; return the exit code."""
    teller = TELLERS[arguments.progress]()
    try:
        frames = chosen_frames(arguments.folder, arguments.frames)
        fps = arguments.fps or DEFAULT_FPS
        if arguments.camera_path is not None:
            fps = read_camera_path(arguments.camera_path).fps

        def pictures() -> Iterator[Pixels]:
            for count, path in enumerate(frames, start=1):
                yield _shown(path)
                teller.progress("movie", count, len(frames), count / len(frames))

        write_video(arguments.movie, pictures(), fps)
    except LivescapeError as error:
        teller.failed(error)
        raise
    return 0


def chosen_frames(folder: Path, numbers: list[int] | None) -> list[Path]:
    """Return the frames of a movie in order; without ``numbers`` all, which must be without gap.

    Of a frame that is there as several kinds of picture, the first of :data:`_SUFFIXES` counts.

    Raises:
        LivescapeError: ``frames_missing`` or ``input_unreadable``.
    """
    try:
        numbered = [path for path in sorted(folder.glob("*.*")) if _is_number(path.stem)]
    except OSError as error:
        raise input_refusal(folder, error) from error
    there: dict[int, Path] = {}
    for suffix in reversed(_SUFFIXES):
        there |= {int(each.stem): each for each in numbered if each.suffix.lower() == suffix}
    wanted = numbers
    if wanted is None:
        wanted = list(range(min(there), max(there) + 1)) if there else []
    missing = [frame for frame in wanted if frame not in there]
    if missing or not wanted:
        more = f" and {len(missing) - 1} more" if missing[1:] else ""
        what = f"frame {missing[0]}{more}" if missing else "any frame"
        raise LivescapeError(
            "frames_missing",
            f"The folder {folder.name} lacks {what}.",
            hint="Render what is missing first.",
        )
    return [there[frame] for frame in wanted]


def _shown(path: Path) -> Pixels:
    """Return a frame as a display shows it; linear light by sRGB's curve."""
    if path.suffix.lower() == _SUFFIXES[0]:
        return read_pixels(path)
    try:
        return to_pixels(shown_picture(path.read_bytes()).image)
    except (OSError, Unreadable) as fault:
        message = f"The frame {path.name} cannot be read: {fault}."
        hint = "Render it again, as PNG or OpenEXR."
        raise LivescapeError("image_unreadable", message, hint=hint) from fault


def _is_number(text: str) -> bool:
    return re.fullmatch(r"-?\d+", text, re.ASCII) is not None


def _numbers(text: str) -> list[int]:
    """Return the frames that a text such as ``1-3,8`` or ``1-9:2`` names."""
    found: list[int] = []
    for part in text.split(","):
        match = _RANGE.fullmatch(part.strip())
        step = int(match["step"] or 1) if match is not None else 0
        if match is None or step < 1:
            message = f"{part[:40]!r} is not a range of frames"
            raise argparse.ArgumentTypeError(message)
        first = int(match["first"])
        last = int(match["last"]) if match["last"] else first
        if not 0 <= last - first <= MOST_FRAMES:
            message = f"{part[:40]!r} is not a range of frames"
            raise argparse.ArgumentTypeError(message)
        found += range(first, last + 1, step)
    return sorted(set(found))


def frames_a_second(text: str) -> float:
    """Return the speed that an option names."""
    try:
        return number(float(text), 0.1, 1000.0)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from error
