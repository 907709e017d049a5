"""Layouts of the photographs of the tests, and hand-drawn masks of some."""

import functools
import json
from pathlib import Path

import cv2
import numpy as np
from tests.data.files import load_photo

from livescape.layout.scene_layout import estimate_layout

MASKS = json.loads(Path(__file__).with_name("masks.json").read_text(encoding="utf-8"))


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
