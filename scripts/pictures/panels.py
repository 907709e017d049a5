"""Make the sheet of all states of the panels: ``make panels``.

It plays ``scripts/gui/scenarios/panels.py`` in a real window on a virtual screen.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

import numpy as np
from sheets import Pixels, write_sheet

from livescape.imaging.png import read_pixels

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "scripts" / "gui"))

import play  # noqa: E402

COLUMNS, WIDTH = 6, 240
MOST_BYTES = 400_000
"""Text that is to be read needs more than photos do."""

SCENARIO = "panels"


def main() -> int:
    """Play, and write the sheet; return the exit code."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--blender", type=Path, required=True, help="a Python with bpy")
    parser.add_argument("--out", type=Path, default=ROOT / "docs" / "images" / "panels.jpg")
    parser.add_argument("--shots", type=Path, default=None, help="folder of shots to keep")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as place:
        shots = (options.shots or Path(place) / "shots").absolute()
        shots.mkdir(parents=True, exist_ok=True)
        blender = options.blender.absolute()
        found = play.played(SCENARIO, blender, play.installed(blender, Path(place)), shots)
        if found["problem"]:
            sys.stdout.write(f"{found['problem']}\n")
            return 1
        pictures = [(label, _drawn(shots / name)) for label, name in found["panels"]]
    tallest = max(picture.shape[0] for _, picture in pictures)
    alike = [(label, _padded(picture, tallest)) for label, picture in pictures]
    write_sheet(options.out, alike, COLUMNS, WIDTH, MOST_BYTES)
    return 0


def _drawn(path: Path) -> Pixels:
    pixels: Pixels = read_pixels(path)[..., :3]
    return pixels


def _padded(picture: Pixels, height: int) -> Pixels:
    missing = height - picture.shape[0]
    return np.pad(picture, ((0, missing), (0, 0), (0, 0)), constant_values=64)


if __name__ == "__main__":
    sys.exit(main())
