"""Make the sheet of the whole route, from an empty file to a frame of a farm: ``make route``.

It plays ``scripts/gui/scenarios/whole_route.py`` in a real window on a virtual screen, or takes
what an earlier run has left.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import windows
from sheets import Pixels, write_sheet

COLUMNS, WIDTH = 4, 400
MOST_BYTES = 500_000
SCENARIO = "whole_route"


def main() -> int:
    """Play, if nothing has been, and write the sheet; return the exit code."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--blender", type=Path, required=True, help="a Python with bpy")
    parser.add_argument("--wheels", type=Path, help="folder that Set Up takes packages from")
    parser.add_argument("--shots", type=Path, default=windows.ROOT / "out" / "gui")
    parser.add_argument("--played", action="store_true", help="take the shots that are there")
    parser.add_argument("--out", type=Path, help="by default, by the version of Blender")
    options = parser.parse_args()
    shots = options.shots.absolute()
    wheels = ["--wheels", options.wheels] if options.wheels else []
    if not options.played and not windows.play(SCENARIO, options.blender, shots, *wheels):
        return 1
    found = windows.found(SCENARIO, shots)
    if found["problem"]:
        sys.stdout.write(f"{found['problem']}\n")
        return 1
    pictures = [_labelled(shots / name) for name in found["shots"]]
    height, width = pictures[0][1].shape[:2]
    alike = [(label, windows.padded(picture, height / width)) for label, picture in pictures]
    write_sheet(options.out or _place(found["blender"]), alike, COLUMNS, WIDTH, MOST_BYTES)
    return 0


def _place(blender: str) -> Path:
    version = ".".join(blender.split(".")[:2])
    return windows.ROOT / "docs" / "images" / f"route_{version}.jpg"


def _labelled(path: Path) -> tuple[str, Pixels]:
    words = path.stem.split("_")[1:]
    return " ".join(words), windows.drawn(path)


if __name__ == "__main__":
    sys.exit(main())
