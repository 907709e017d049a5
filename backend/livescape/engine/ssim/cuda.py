"""The photometric loss on a torch device: all images at once, to save kernels."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from livescape.engine.ssim.reference import PhotometricTarget, photometric_loss


def photometric_losses(
    renders: Tensor, targets: Sequence[PhotometricTarget], ssim_weight: float
) -> Tensor:
    """Losses [B] of `renders` [B, H, W, C] against targets of that size."""
    batch = PhotometricTarget(
        torch.stack([target.image for target in targets]),
        torch.stack([target.mask for target in targets]),
        torch.stack([target.blurred for target in targets]),
        torch.stack([target.variance for target in targets]),
    )
    return photometric_loss(renders, batch, ssim_weight)
