"""Which engine computes, and why."""

from __future__ import annotations

import functools
import importlib.util
import os

import torch

VARIABLE = "LIVESCAPE_DEVICE"


@functools.cache
def compute_device() -> str:
    """Return ``cuda`` where a GPU and gsplat are usable, else ``cpu``."""
    return choose_device()[0]


def choose_device() -> tuple[str, str]:
    """Return the device and one sentence that says why."""
    wanted = os.environ.get(VARIABLE, "")
    if wanted == "cpu":
        return "cpu", f"{VARIABLE} asks for the CPU."
    if not torch.cuda.is_available():
        return "cpu", "torch sees no CUDA GPU."
    if importlib.util.find_spec("gsplat") is None:
        return "cpu", "There is a CUDA GPU, but gsplat is not installed: pip install gsplat."
    return "cuda", f"{torch.cuda.get_device_name(0)} with gsplat."
