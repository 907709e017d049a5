"""Render frames of a shot that are not there yet; needs no add-on.

``blender -b shot.blend --python render_frames.py -- --out frames --frames 1-24``

A frame has its name only once it is whole, so that one whose render was broken off is made again.
"""

from __future__ import annotations

import argparse
import os
import re
import sys
from pathlib import Path

import bpy

_RANGE = re.compile(r"\s*(-?\d+)(?:-(-?\d+))?\s*")


def numbers(text: str) -> list[int]:
    """Return the frames that a text such as ``1,3-5`` names."""
    found: list[int] = []
    for part in text.split(","):
        match = _RANGE.fullmatch(part)
        if match is None:
            message = f"{part!r} is not a frame"
            raise argparse.ArgumentTypeError(message)
        found += range(int(match[1]), int(match[2] or match[1]) + 1)
    return found


def parse_arguments() -> argparse.Namespace:
    """Return the options, which follow ``--``."""
    words = sys.argv[sys.argv.index("--") + 1 :] if "--" in sys.argv else []
    parser = argparse.ArgumentParser(prog="render_frames.py")
    parser.add_argument("--out", type=Path, required=True, help="folder of the PNG frames")
    parser.add_argument("--frames", type=numbers, required=True, help="such as 1,3-5")
    return parser.parse_args(words)


def main() -> None:
    """Render what is missing."""
    options = parse_arguments()
    out = options.out.absolute()
    out.mkdir(parents=True, exist_ok=True)
    scene = bpy.context.scene
    if hasattr(scene.render.image_settings, "media_type"):
        scene.render.image_settings.media_type = "IMAGE"
    scene.render.image_settings.file_format = "PNG"
    for number, frame in enumerate(options.frames, start=1):
        path = out / f"{frame:04d}.png"
        if path.exists():
            sys.stdout.write(f"{path.name}: there already\n")
        else:
            partial = out / f".{frame:04d}.{os.getpid()}.png"
            scene.frame_set(frame)
            scene.render.filepath = str(partial)
            bpy.ops.render.render(write_still=True)
            os.replace(partial, path)
            sys.stdout.write(f"{path.name}: rendered\n")
        sys.stdout.write(f"openjd_progress: {100.0 * number / len(options.frames):.1f}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
