"""Reference vectors as tensors, and the weights that the vectors' rule makes."""

import functools
import json
import math
import struct
import zlib

import numpy as np
import torch
from tests.motion.support import SHARED, load_vectors


def tensors(name):
    """Return a file of vectors as tensors of their own memory."""
    return {key: torch.tensor(value) for key, value in load_vectors(name).items()}


def stored_state(vectors):
    """Return the ``state.*`` tensors without that prefix."""
    return {key[6:]: value for key, value in vectors.items() if key.startswith("state.")}


def published_keys(name):
    """Return the shapes of a published file's tensors by name."""
    lines = (SHARED / "vectors" / "checkpoint_keys" / f"{name}.txt").read_text().splitlines()
    rows = [line.split("\t") for line in lines if line and not line.startswith("#")]
    return {
        key: tuple(int(n) for n in shape.strip("()").split(",") if n.strip())
        for key, _, shape in rows
    }


def hash_fill(key, shape):
    """Return the tensor that the vectors' README defines for a name and a shape."""
    mask = np.uint64(2**32 - 1)
    x = np.arange(math.prod(shape), dtype=np.uint64) * np.uint64(2654435761)
    x = (x + np.uint64(zlib.crc32(key.encode()))) & mask
    x ^= x >> np.uint64(16)
    x = (x * np.uint64(0x45D9F3B)) & mask
    x ^= x >> np.uint64(16)
    values = (x.astype(np.float64) / 2**32 - 0.5).reshape(shape)
    if len(shape) >= 2:
        values = values * math.sqrt(12 / math.prod(shape[1:]))
    elif len(shape) == 0:
        values = np.ones(())
    elif key.endswith(".weight"):
        values = (1.0 if values.size > 1 else 0.25) + 0.2 * values
    else:
        values = 0.2 * values
    return torch.tensor(values.astype(np.float32))


def full_motion_state():
    """Return the weights of the full-size motion network, named as in its file.

    The tensors are shared by all tests.
    """
    return dict(_full_motion_state())


@functools.cache
def _full_motion_state():
    state = stored_state(tensors("3dcine_motion_full_256_rule"))
    for key, shape in published_keys("3dcine_sceneflow_netG").items():
        if key not in state:
            state[key] = hash_fill(key, shape)
    return state


def write_safetensors(path, state):
    """Write float32 tensors in the safetensors container."""
    header, place = {}, 0
    for key, value in state.items():
        size = 4 * value.numel()
        header[key] = {
            "dtype": "F32",
            "shape": list(value.shape),
            "data_offsets": [place, place + size],
        }
        place += size
    head = json.dumps(header).encode()
    body = b"".join(value.contiguous().numpy().tobytes() for value in state.values())
    path.write_bytes(struct.pack("<Q", len(head)) + head + body)
    return path
