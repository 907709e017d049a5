"""Make the sheet of all states of the panels: ``make panels``.

It plays ``scripts/gui/scenarios/panels.py`` in a real window on a virtual screen.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
from sheets import Pixels, write_sheet

from livescape.imaging.png import read_pixels

ROOT = Path(__file__).resolve().parents[2]
COLUMNS, WIDTH = 6, 240
MOST_BYTES = 400_000
"""Text that is to be read needs more than photos do."""

PLAY, SCENARIO = ROOT / "scripts" / "gui" / "play.py", "panels"


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
        command = [sys.executable, PLAY, "--blender", options.blender, "--out", shots, SCENARIO]
        done = subprocess.run([str(word) for word in command], check=False)
        results = shots / "gui.json"
        if done.returncode or not results.exists():
            return 1
        found = json.loads(results.read_text(encoding="utf-8"))[SCENARIO]
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
