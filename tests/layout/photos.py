"""Photographs that lie beside the checkout, their layouts, and hand-drawn masks of some."""

import functools
import json
from pathlib import Path

import cv2
import numpy as np
import pytest

from livescape.imaging.png import read_png
from livescape.layout.scene_layout import estimate_layout

MASKS = json.loads(Path(__file__).with_name("masks.json").read_text(encoding="utf-8"))
SHARED = Path(__file__).resolve().parents[3] / "shared"
SCENES = ("forest_waterfall", "pitons_clouds", "valley_river_clouds")


@functools.cache
def load_photo(name):
    """Return a photograph [H, W, 3], 640 pixels long; skip where it is absent."""
    path = SHARED / ("scenes" if name in SCENES else "photos") / f"{name}.jpg"
    if not path.exists():
        pytest.skip(f"{path.name} is not here")
    pixels = read_png(path)
    scale = 640 / max(pixels.shape[:2])
    return cv2.resize(pixels, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)


@functools.cache
def layout_of(name):
    """Return the layout of a photograph."""
    return estimate_layout(load_photo(name))


def hand_mask(name, label):
    """Return the hand-drawn mask [H, W] of a class in a photograph."""
    height, width = load_photo(name).shape[:2]
    mask = np.zeros((height, width), np.uint8)
    for polygon in MASKS[name][label]:
        points = np.array(polygon) * [width / 100.0, height / 100.0]
        cv2.fillPoly(mask, [points.astype(np.int32)], 1)
    return mask > 0


def intrinsics(image):
    """Return K of a moderate wide angle for a photograph."""
    height, width = image.shape[:2]
    focal = 1.1 * width
    return np.array([[focal, 0.0, width / 2], [0.0, focal, height / 2], [0.0, 0.0, 1.0]])
