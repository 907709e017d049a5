"""Conformance vectors as tensors, and the weights that their rule makes."""

import functools
import json
import struct

import torch
from tests.data.files import load_vectors, published_keys
from tests.data.hash_fill import hash_fill


def tensors(name):
    """Return a file of vectors as tensors of their own memory."""
    return {key: torch.tensor(value) for key, value in load_vectors(name).items()}


def stored_state(vectors):
    """Return the ``state.*`` tensors without that prefix."""
    return {key[6:]: value for key, value in vectors.items() if key.startswith("state.")}


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


def animator_state():
    """Return the weights of the SLR-SFS animator: stored below two dimensions, else by the rule."""
    state = stored_state(tensors("slrsfs_animate_rule"))
    for name, shape in published_keys("slrsfs_baseline2_motion2_joint_full").items():
        key = name.removeprefix("model.module.")
        if key.startswith(("encoder.", "projector.")) and key not in state:
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
