"""Symmetric softmax splatting of feature maps on the device of the tensors.

Niklaus and Liu, "Softmax Splatting", CVPR 2020; made symmetric in time by Holynski et al., CVPR
2021. For photos, :mod:`livescape.motion.splat` does the same on the CPU.
"""

from __future__ import annotations

import torch
from torch import Tensor

_LEAST = 1e-8
_CLAMP = 20.0


def splat_sum(values: Tensor, displacement: Tensor) -> Tensor:
    """Drop each pixel on the four pixels around where it moves, bilinearly, and sum.

    Args:
        values: [C, H, W].
        displacement: [2, H, W] pixels.

    Returns:
        [C, H, W]; what leaves the frame is lost.
    """
    channels, height, width = values.shape
    y, x = torch.meshgrid(
        torch.arange(height, device=values.device, dtype=values.dtype),
        torch.arange(width, device=values.device, dtype=values.dtype),
        indexing="ij",
    )
    x, y = x + displacement[0], y + displacement[1]
    sums = values.new_zeros(channels, height * width)
    for down in (0, 1):
        for right in (0, 1):
            column, row = x.floor() + right, y.floor() + down
            share = (1 - (x - column).abs()) * (1 - (y - row).abs())
            inside = (column >= 0) & (column < width) & (row >= 0) & (row < height)
            target = (row * width + column)[inside].long()
            sums.index_add_(1, target, values[:, inside] * share[inside])
    return sums.reshape(channels, height, width)


def symmetric_softmax_splat(
    features: Tensor, importance: Tensor, forward: Tensor, backward: Tensor, blend: float
) -> Tensor:
    """Carry features along both displacements and mix them, important pixels first.

    Args:
        features: [C, H, W].
        importance: [1, H, W], Z of softmax splatting.
        forward: [2, H, W] displacement from the loop's start to now, in pixels.
        backward: [2, H, W] displacement from the loop's end back to now.
        blend: Share of the backward copy, 0..1.

    Returns:
        [C, H, W]; zero where nothing arrived.
    """
    weight = torch.exp((importance - importance.max()).clamp(-_CLAMP, _CLAMP))
    weighted = torch.cat((features * weight, weight))
    there = splat_sum(weighted * (1.0 - blend), forward)
    total = there + splat_sum(weighted * blend, backward)
    return total[:-1] / total[-1:].clamp(min=_LEAST)
