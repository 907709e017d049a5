"""Make the sheet of all states of the panels: ``make panels``.

It plays ``scripts/gui/scenarios/panels.py`` in a real window on a virtual screen.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

import windows
from sheets import Pixels, write_sheet

COLUMNS, WIDTH = 6, 240
MOST_BYTES = 500_000
"""Text that is to be read needs more than photos do."""

SCENARIO = "panels"


def main() -> int:
    """Play, and write the sheet; return the exit code."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--blender", type=Path, required=True, help="a Python with bpy")
    parser.add_argument("--out", type=Path, default=windows.ROOT / "docs" / "images" / "panels.jpg")
    parser.add_argument("--shots", type=Path, default=None, help="folder of shots to keep")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as place:
        shots = (options.shots or Path(place) / "shots").absolute()
        if not windows.play(SCENARIO, options.blender, shots):
            return 1
        taken = windows.found(SCENARIO, shots)["panels"]
        pictures = [(label, windows.drawn(shots / name)) for label, name in taken]
    rows = [pictures[start : start + COLUMNS] for start in range(0, len(pictures), COLUMNS)]
    alike = [each for row in rows for each in _alike(row)]
    write_sheet(options.out, alike, COLUMNS, WIDTH, MOST_BYTES)
    return 0


def _alike(row: list[tuple[str, Pixels]]) -> list[tuple[str, Pixels]]:
    """Return the pictures of a row, all as tall as the tallest of them."""
    tallest = max(picture.shape[0] / picture.shape[1] for _, picture in row)
    return [(label, windows.padded(picture, tallest)) for label, picture in row]


if __name__ == "__main__":
    sys.exit(main())
