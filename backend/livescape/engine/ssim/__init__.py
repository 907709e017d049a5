"""The photometric loss of 3D Gaussian Splatting: (1 - w) L1 + w (1 - SSIM).

SSIM uses the 11 x 11 Gaussian window of sigma 1.5 and zero padding (Wang et al. 2004 as used by
Kerbl et al. 2023). Pixels outside the validity mask contribute nothing: they are left out of
both means, and to windows that reach over them they look like the target.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import torch
from torch import Tensor
from torch.nn.functional import conv2d

from livescape.engine.ssim.cpu import fused_loss, fused_target
from livescape.engine.ssim.kernels import LossTarget

WINDOW = 11
SIGMA = 1.5
_C1, _C2 = 0.01**2, 0.03**2


@dataclass(frozen=True, eq=False)
class PhotometricTarget:
    """A target image with its blurred statistics, to be reused over many iterations.

    A batch of targets has a leading axis [B, ...] and no fused form.

    Attributes:
        image: [H, W, C].
        mask: [H, W] weights 0..1 in the image's dtype.
        blurred: [H, W, C] image under the SSIM window.
        variance: [H, W, C] windowed variance.
        fused: The same laid out for the CPU engine; None on other devices.
    """

    image: Tensor
    mask: Tensor
    blurred: Tensor
    variance: Tensor
    fused: LossTarget | None


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
    on_cpu = image.device.type == "cpu"
    fused = fused_target(image, weights, blurred, variance) if on_cpu else None
    return PhotometricTarget(image, weights, blurred, variance, fused)


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
    if render.shape != target.image.shape:
        raise ValueError(
            f"render is {tuple(render.shape)} but target is {tuple(target.image.shape)}"
        )
    if target.fused is not None and render.dtype == target.image.dtype:
        taps = gaussian_taps(render.dtype, render.device)
        return fused_loss(render, target.fused, taps, ssim_weight)
    return photometric_loss_torch(render, target, ssim_weight)


def photometric_losses(
    renders: Tensor, targets: Sequence[PhotometricTarget], ssim_weight: float = 0.2
) -> Tensor:
    """Losses [B] of `renders` [B, H, W, C] against B prepared targets of one size.

    All images at once on CUDA, where the cost of a step is its number of kernels.

    Raises:
        ValueError: If numbers or shapes differ.
    """
    if len(renders) != len(targets):
        raise ValueError(f"{len(renders)} renders but {len(targets)} targets")
    if any(target.fused is not None for target in targets):
        pairs = zip(renders, targets, strict=True)
        return torch.stack([photometric_loss(r, t, None, ssim_weight) for r, t in pairs])
    return photometric_loss_torch(renders, _stacked(targets), ssim_weight)


def _stacked(targets: Sequence[PhotometricTarget]) -> PhotometricTarget:
    return PhotometricTarget(
        torch.stack([target.image for target in targets]),
        torch.stack([target.mask for target in targets]),
        torch.stack([target.blurred for target in targets]),
        torch.stack([target.variance for target in targets]),
        fused=None,
    )


def photometric_loss_torch(
    render: Tensor, target: PhotometricTarget, ssim_weight: float = 0.2
) -> Tensor:
    """The plain torch twin of the fused loss, used on CUDA and in tests.

    A batch of images [B, H, W, C] against a target with a leading axis gives losses [B].
    """
    weights = target.mask.unsqueeze(-1)
    image = (-3, -2, -1)
    count = (weights.sum(image) * render.shape[-1]).clamp(min=torch.finfo(render.dtype).tiny)
    absolute = (weights * (render - target.image).abs()).sum(image) / count
    seen = target.image + weights * (render - target.image)
    dissimilar = (weights * (1.0 - ssim_map(seen, target))).sum(image) / count
    return (1.0 - ssim_weight) * absolute + ssim_weight * dissimilar


def ssim_map(image: Tensor, target: PhotometricTarget) -> Tensor:
    """SSIM of every pixel's window, [..., H, W, C]."""
    moments = torch.cat([image, image * image, image * target.image], dim=-1)
    mean, square, product = blur(moments).chunk(3, dim=-1)
    variance = square - mean * mean
    covariance = product - mean * target.blurred
    luminance = (2 * mean * target.blurred + _C1) / (mean**2 + target.blurred**2 + _C1)
    return luminance * (2 * covariance + _C2) / (variance + target.variance + _C2)


def blur(image: Tensor) -> Tensor:
    """Images [..., H, W, C] under the Gaussian window, zero-padded."""
    taps = gaussian_taps(image.dtype, image.device)
    channels = image.movedim(-1, -3)
    planes = channels.reshape(-1, 1, *channels.shape[-2:])
    planes = conv2d(planes, taps.reshape(1, 1, 1, WINDOW), padding=(0, WINDOW // 2))
    planes = conv2d(planes, taps.reshape(1, 1, WINDOW, 1), padding=(WINDOW // 2, 0))
    return planes.reshape(channels.shape).movedim(-3, -1)


@cache
def gaussian_taps(dtype: torch.dtype, device: torch.device) -> Tensor:
    """The window's 11 weights, summing to 1."""
    offsets = torch.arange(WINDOW, dtype=torch.float64) - WINDOW // 2
    taps = torch.exp(-0.5 * (offsets / SIGMA) ** 2)
    return (taps / taps.sum()).to(device, dtype)
