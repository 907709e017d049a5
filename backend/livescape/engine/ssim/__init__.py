"""The photometric loss of 3D Gaussian Splatting: (1 - w) L1 + w (1 - SSIM).

SSIM uses the 11 x 11 Gaussian window of sigma 1.5 and zero padding (Wang et al. 2004 as used by
Kerbl et al. 2023). Pixels outside the validity mask contribute nothing: they are left out of
both means, and to windows that reach over them they look like the target.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from livescape.engine.dispatch import on_cpu
from livescape.engine.ssim import cpu, cuda
from livescape.engine.ssim.reference import WINDOW, PhotometricTarget, blur, ssim_map

__all__ = [
    "WINDOW",
    "PhotometricTarget",
    "blur",
    "photometric_loss",
    "photometric_losses",
    "photometric_target",
    "ssim_map",
]


def photometric_target(image: Tensor, mask: Tensor | None = None) -> PhotometricTarget:
    """Prepare a target for `photometric_loss`.

    Args:
        image: [H, W, C] floats.
        mask: [H, W] bool or weights 0..1; all valid if None.

    Raises:
        ValueError: If the image is not [H, W, C] or the mask not [H, W].
    """
    if image.dim() != 3:
        raise ValueError(f"target must be [H, W, C], got {tuple(image.shape)}")
    if mask is not None and mask.shape != image.shape[:2]:
        raise ValueError(f"mask must be {tuple(image.shape[:2])}, got {tuple(mask.shape)}")
    image = image.detach()
    if mask is None:
        weights = torch.ones_like(image[..., 0])
    else:
        weights = mask.detach().to(image)
        image = torch.where(weights[..., None] > 0, image, torch.nan_to_num(image))
    blurred = blur(image)
    variance = blur(image * image) - blurred * blurred
    target = PhotometricTarget(image, weights, blurred, variance)
    return cpu.with_fused(target) if on_cpu(image.device) else target


def photometric_loss(
    render: Tensor,
    target: Tensor | PhotometricTarget,
    mask: Tensor | None = None,
    ssim_weight: float = 0.2,
) -> Tensor:
    """Scalar loss of `render` [H, W, C] against a target of the same shape.

    Args:
        render: Image with gradient.
        target: Image, or a prepared target (which then brings its own mask).
        mask: [H, W] bool or weights 0..1; only with a plain image.
        ssim_weight: w of (1 - w) L1 + w (1 - SSIM).

    Raises:
        ValueError: If shapes differ, or a mask comes with a prepared target.
    """
    if isinstance(target, Tensor):
        target = photometric_target(target, mask)
    elif mask is not None:
        raise ValueError("a prepared target has its own mask")
    return photometric_losses(render[None], [target], ssim_weight)[0]


def photometric_losses(
    renders: Tensor, targets: Sequence[PhotometricTarget], ssim_weight: float = 0.2
) -> Tensor:
    """Losses [B] of `renders` [B, H, W, C] against B prepared targets of one size.

    Raises:
        ValueError: If numbers or shapes differ.
    """
    if len(renders) != len(targets):
        raise ValueError(f"{len(renders)} renders but {len(targets)} targets")
    for render, target in zip(renders, targets, strict=True):
        if render.shape != target.image.shape:
            raise ValueError(
                f"render is {tuple(render.shape)} but target is {tuple(target.image.shape)}"
            )
    losses = cpu.photometric_losses if on_cpu(renders.device) else cuda.photometric_losses
    return losses(renders, targets, ssim_weight)
