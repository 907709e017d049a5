"""Reference vectors, reference scenes and small synthetic worlds of the motion tests."""

import json
import struct
from pathlib import Path

import numpy as np
import pytest

from livescape_shared.camera import Camera

SHARED = Path(__file__).resolve().parents[3] / "shared"
TYPES = {"F32": "<f4", "F64": "<f8"}
SCENES = ("pitons_clouds", "forest_waterfall", "valley_river_clouds")


def load_vectors(name):
    """Read the tensors of a safetensors file; skip where the reference is absent."""
    path = SHARED / "vectors" / f"{name}.safetensors"
    if not path.exists():
        pytest.skip(f"{path.name} is not here")
    data = path.read_bytes()
    (length,) = struct.unpack("<Q", data[:8])
    header = json.loads(data[8 : 8 + length])
    header.pop("__metadata__", None)
    body = data[8 + length :]
    return {
        key: np.frombuffer(body[slice(*entry["data_offsets"])], TYPES[entry["dtype"]]).reshape(
            entry["shape"]
        )
        for key, entry in header.items()
    }


def scene_annotation(name):
    """Return the bytes of a reference annotation; skip where the reference is absent."""
    path = SHARED / "scenes" / f"{name}.json"
    if not path.exists():
        pytest.skip(f"{path.name} is not here")
    return path.read_bytes()


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
