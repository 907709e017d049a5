"""Conformance vectors, photographs and annotations that lie here; README.md says where from."""

import functools
from pathlib import Path

import cv2
import numpy as np
from PIL import Image

DATA = Path(__file__).parent
ROOT = DATA.parents[1]
ANNOTATED = {"eilean_donan": (1, 7), "creek_cascade": (3, 6), "picos_clouds": (1, 3)}
"""Polygons and hints of each annotated photograph."""


def load_vectors(name):
    """Return the arrays of a file of conformance vectors by name."""
    with np.load(DATA / "vectors" / f"{name}.npz", allow_pickle=False) as arrays:
        return {key: arrays[key] for key in arrays.files}


def published_keys(name):
    """Return the shapes of a published file's tensors by name."""
    path = DATA / "vectors" / "checkpoint_keys" / f"{name}.txt"
    lines = path.read_text(encoding="utf-8").splitlines()
    rows = [line.split("\t") for line in lines if line and not line.startswith("#")]
    return {
        key: tuple(int(n) for n in shape.strip("()").split(",") if n.strip())
        for key, _, shape in rows
    }


def photo_path(name):
    """Return where a photograph lies: here, or the demo's own."""
    path = DATA / "photos" / f"{name}.jpg"
    return path if path.exists() else ROOT / "demo" / f"{name}.jpg"


@functools.cache
def load_photo(name):
    """Return a photograph [H, W, 3] in 0..1, 512 pixels long."""
    with Image.open(photo_path(name)) as image:
        pixels = np.asarray(image.convert("RGB"), np.float32) / np.float32(255.0)
    scale = 512 / max(pixels.shape[:2])
    if scale < 1:
        pixels = cv2.resize(pixels, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    pixels.flags.writeable = False  # all tests share it
    return pixels


def annotation_bytes(name):
    """Return the bytes of the labelme file of one of the :data:`ANNOTATED` photographs."""
    return (DATA / "photos" / f"{name}.json").read_bytes()
