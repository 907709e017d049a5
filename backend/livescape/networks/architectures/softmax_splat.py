"""Symmetric softmax splatting of feature maps on the device of the tensors.

Niklaus and Liu, "Softmax Splatting", CVPR 2020; made symmetric in time by Holynski et al., CVPR
2021. For photos, :mod:`livescape.engine.splat` does the same.
"""

from __future__ import annotations

import torch
from torch import Tensor

from livescape.engine.splat.cuda import splat_sum

_LEAST = 1e-8
_CLAMP = 20.0


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
