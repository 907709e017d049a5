"""Euler integration as SLR-SFS does it: nearest lookup, and what leaves the frame is gone.

The plain definition is :mod:`livescape.engine.advect`; inside the frame both are equal.
"""

from __future__ import annotations

import torch
from torch import Tensor


def displacement_until_lost(motion: Tensor, steps: int) -> Tensor:
    """Integrate D_{k+1}(x) = D_k(x) + M(round(x + D_k(x))).

    Args:
        motion: [2, H, W] pixels per frame; its negative integrates backward in time.
        steps: Frames.

    Returns:
        [2, H, W] pixels. A trajectory that leaves the frame once is lost for good: its
        displacement is max(H, W) + 1 along both axes, so that splatting drops it.
    """
    height, width = motion.shape[1:]
    limit = motion.new_tensor([width - 1, height - 1]).reshape(2, 1, 1)
    y, x = torch.meshgrid(
        torch.arange(height, device=motion.device, dtype=motion.dtype),
        torch.arange(width, device=motion.device, dtype=motion.dtype),
        indexing="ij",
    )
    start = torch.stack((x, y))
    place = start
    lost = torch.zeros((height, width), dtype=torch.bool, device=motion.device)
    for _ in range(steps):
        column, row = place.round().clamp(min=0).minimum(limit).long()
        place = place + motion[:, row, column]
        lost |= ((place < 0) | (place > limit)).any(dim=0)
    return (place - start).masked_fill(lost, float(max(height, width) + 1))
