"""Small synthetic worlds of the motion tests."""

import json

import numpy as np

from livescape_shared.camera import Camera


def channels_last(tensor):
    """[1, C, H, W] or [C, H, W] to [H, W, C]."""
    return np.ascontiguousarray(np.moveaxis(tensor.reshape(tensor.shape[-3:]), 0, -1))


def camera(width=96, height=64, focal=100.0, viewmat=None):
    K = np.array([[focal, 0, width / 2], [0, focal, height / 2], [0, 0, 1]])
    return Camera(width, height, K, np.eye(4) if viewmat is None else viewmat)


def labelme(shapes, width=200, height=100):
    """Return an annotation file's bytes from (label, points) pairs."""
    entries = [{"label": label, "points": points} for label, points in shapes]
    return json.dumps({"imageWidth": width, "imageHeight": height, "shapes": entries}).encode()
