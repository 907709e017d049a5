"""Forward warping in torch, on the device of the tensors; the kernel of `cpu` does the same."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

Float32Array = NDArray[np.float32]


def splat_sum(values: Tensor, displacement: Tensor) -> Tensor:
    """Splat each pixel onto the four pixels around its new position, bilinearly, and sum.

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
    left, top = x.floor(), y.floor()
    sums = values.new_zeros(channels, height * width)
    for down in (0, 1):
        for right in (0, 1):
            column, row = left + right, top + down
            share = (1 - (x - column).abs()) * (1 - (y - row).abs())
            inside = (column >= 0) & (column < width) & (row >= 0) & (row < height)
            # Pixels outside add zero to pixel 0: leaving them out would wait for the device.
            target = (row * width + column).masked_fill(~inside, 0).long().flatten()
            dropped = (values * share).masked_fill(~inside, 0.0)
            sums.index_add_(1, target, dropped.reshape(channels, -1))
    return sums.reshape(channels, height, width)


def splat(
    values: Float32Array,
    displacement: NDArray[np.floating],
    weight: NDArray[np.floating],
    device: str,
) -> tuple[Float32Array, Float32Array]:
    """See :func:`livescape.engine.splat.splat`.

    Shares are float64 as in the kernel: where little arrives, rounding would decide the colour.
    """

    def tensor(array: NDArray[np.floating]) -> Tensor:
        return torch.from_numpy(np.ascontiguousarray(array, np.float32)).to(device).double()

    share = tensor(weight)[None]
    weighted = torch.cat((tensor(values).permute(2, 0, 1) * share, share))
    sums = splat_sum(weighted, tensor(displacement).permute(2, 0, 1)).permute(1, 2, 0)
    found = sums.float().cpu().numpy()
    return np.ascontiguousarray(found[..., :-1]), np.ascontiguousarray(found[..., -1])
