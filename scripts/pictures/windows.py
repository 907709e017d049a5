"""Scenarios of ``scripts/gui`` that are played for their screenshots."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
from sheets import Pixels

from livescape.imaging.png import read_pixels

ROOT = Path(__file__).resolve().parents[2]
PLAY = ROOT / "scripts" / "gui" / "play.py"
RESULTS = "gui.json"


def play(scenario: str, blender: Path, shots: Path, *options: object) -> bool:
    """Play a scenario with its screenshots in a folder; return whether it came to its end."""
    shots.mkdir(parents=True, exist_ok=True)
    command = [sys.executable, PLAY, "--blender", blender, "--out", shots, *options, scenario]
    done = subprocess.run([str(word) for word in command], check=False)
    return done.returncode == 0 and (shots / RESULTS).exists()


def found(scenario: str, shots: Path) -> dict[str, Any]:
    """Return what a scenario has said."""
    results: dict[str, Any] = json.loads((shots / RESULTS).read_text(encoding="utf-8"))[scenario]
    return results


def drawn(path: Path) -> Pixels:
    """Return the pixels of a screenshot."""
    pixels: Pixels = read_pixels(path)[..., :3]
    return pixels


def padded(picture: Pixels, height_by_width: float) -> Pixels:
    """Return a picture of this shape, with grey beneath it or on both sides."""
    height, width = picture.shape[:2]
    beneath = max(0, round(width * height_by_width) - height)
    beside = max(0, round((height + beneath) / height_by_width) - width)
    edges = ((0, beneath), (beside // 2, beside - beside // 2), (0, 0))
    return np.pad(picture, edges, constant_values=64)
