"""The photometric loss in plain torch: reference of the compiled form, used on other devices."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import torch
from torch import Tensor
from torch.nn.functional import conv2d

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
        fused: The same laid out for the compiled form; None on other devices.
    """

    image: Tensor
    mask: Tensor
    blurred: Tensor
    variance: Tensor
    fused: LossTarget | None = None


def photometric_loss(render: Tensor, target: PhotometricTarget, ssim_weight: float = 0.2) -> Tensor:
    """(1 - w) L1 + w (1 - SSIM) over the masked pixels of `render` [H, W, C].

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
