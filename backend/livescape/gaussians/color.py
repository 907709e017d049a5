"""Display sRGB to scene-linear and back on tensors, differentiably (IEC 61966-2-1).

Where each is used: see `livescape_shared.conventions`, section Blending. Values outside 0..1
follow the same two branches, so the curves are monotonic everywhere.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable

from livescape_shared.rendering import (
    LINEAR_KNEE,
    SRGB_GAMMA,
    SRGB_KNEE,
    SRGB_OFFSET,
    SRGB_SCALE,
    SRGB_SLOPE,
)
from livescape_shared.settings import BLENDS, Blend


def srgb_to_linear(values: Tensor) -> Tensor:
    """Decode display sRGB to scene-linear."""
    curve = ((values.clamp(min=SRGB_KNEE) + SRGB_OFFSET) / SRGB_SCALE) ** SRGB_GAMMA
    return torch.where(values <= SRGB_KNEE, values / SRGB_SLOPE, curve)


def linear_to_srgb(values: Tensor) -> Tensor:
    """Encode scene-linear to display sRGB."""
    encoded: Tensor = _Encode.apply(values)
    return encoded


class _Encode(torch.autograd.Function):
    """The slope of the curve follows from the curve: a second power would cost as much again."""

    @staticmethod
    def forward(ctx: Any, values: Tensor) -> Tensor:
        raised = values.clamp(min=LINEAR_KNEE) ** (1.0 / SRGB_GAMMA)
        ctx.save_for_backward(values, raised)
        curve = SRGB_SCALE * raised - SRGB_OFFSET
        return torch.where(values <= LINEAR_KNEE, values * SRGB_SLOPE, curve)

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, *grads: Tensor) -> Tensor:
        values, raised = ctx.saved_tensors
        slope = (SRGB_SCALE / SRGB_GAMMA) * raised / values
        return grads[0] * torch.where(values <= LINEAR_KNEE, SRGB_SLOPE, slope)


def to_blending_space(colors: Tensor, blend: Blend) -> Tensor:
    """Display colours as they are to be blended.

    Raises:
        ValueError: If `blend` is neither "linear" nor "srgb".
    """
    _check(blend)
    return srgb_to_linear(colors) if blend == "linear" else colors


def to_display(image: Tensor, blend: Blend) -> Tensor:
    """A blended image as display sRGB; see `to_blending_space`."""
    _check(blend)
    return linear_to_srgb(image) if blend == "linear" else image


def _check(blend: str) -> None:
    if blend not in BLENDS:
        raise ValueError(f"blend must be one of {BLENDS}, got {blend!r}")
