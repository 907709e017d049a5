"""Which engine computes, and why."""

from __future__ import annotations

import importlib.util

import torch

from livescape.context.environment import DEVICE


def choose_device(wanted: str = "") -> tuple[str, str]:
    """Return ``cuda`` where a GPU and gsplat are usable, else ``cpu``, and a sentence why.

    Args:
        wanted: ``cpu`` where the user does not want the GPU.
    """
    if wanted == "cpu":
        return "cpu", f"{DEVICE} asks for the CPU."
    if not torch.cuda.is_available():
        return "cpu", "torch sees no CUDA GPU."
    if importlib.util.find_spec("gsplat") is None:
        return "cpu", "There is a CUDA GPU, but gsplat is not installed: pip install gsplat."
    return "cuda", f"{torch.cuda.get_device_name(0)} with gsplat."


def device_class(device: str) -> str:
    """Return what the bits of a result depend on: ``cpu``, or the kind of graphics card."""
    return device if device == "cpu" else f"{device} {torch.cuda.get_device_name(0)}"
