"""The photometric loss and its gradient in one pass of compiled kernels, image by image."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.autograd.function import once_differentiable

from livescape.engine.simd import Floats
from livescape.engine.ssim.kernels import (
    PAD,
    LossTarget,
    gradient_rows,
    pack_rows,
    row_stride,
    ssim_rows,
)
from livescape.engine.ssim.reference import PhotometricTarget, gaussian_taps
from livescape.engine.threads import run_pieces

_ROWS_PER_PIECE = 12


def with_fused(target: PhotometricTarget) -> PhotometricTarget:
    """Return ``target``, also laid out for the kernels; done once a view."""
    mask = target.mask
    fused = LossTarget(
        np.ascontiguousarray(target.image.numpy()),
        np.ascontiguousarray(mask.numpy()),
        _planes(mask.unsqueeze(-1))[0],
        _planes(target.blurred),
        _planes(target.variance),
    )
    return replace(target, fused=fused)


def photometric_losses(
    renders: Tensor, targets: Sequence[PhotometricTarget], ssim_weight: float
) -> Tensor:
    """Losses [B] of `renders` [B, H, W, C] against targets of that size."""
    losses = []
    for render, target in zip(renders, targets, strict=True):
        same = render.to(target.image.dtype)
        taps = gaussian_taps(same.dtype, same.device)
        losses.append(_FusedLoss.apply(same, target.fused, taps, ssim_weight))
    return torch.stack(losses)


def _planes(image: Tensor) -> Floats:
    height, width, channels = image.shape
    planes = np.zeros((channels, height, row_stride(width)), image.numpy().dtype)
    planes[:, :, PAD : PAD + width] = np.moveaxis(image.numpy(), 2, 0)
    return planes.reshape(channels, -1)


class _FusedLoss(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, image: Tensor, target: LossTarget, taps: Tensor, weight: float) -> Tensor:
        pixels = np.ascontiguousarray(image.detach().numpy())
        value, ctx.gradient = _loss_and_gradient(pixels, target, taps.numpy(), weight)
        return image.new_tensor(value)

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, *grads: Tensor) -> tuple[Tensor | None, ...]:
        return torch.from_numpy(ctx.gradient) * grads[0], None, None, None


def _loss_and_gradient(
    pixels: Floats, target: LossTarget, taps: Floats, weight: float
) -> tuple[float, Floats]:
    height, width, channels = pixels.shape
    count = float(target.mask.sum(dtype=np.float64)) * channels
    if count == 0.0:
        return 0.0, np.zeros_like(pixels)
    shape = (3, channels, height * row_stride(width))
    planes, partials = np.zeros(shape, pixels.dtype), np.zeros(shape, pixels.dtype)
    gradient = np.empty_like(pixels)
    similar, absolute = np.empty((height, channels)), np.empty(height)
    pieces = -(-height // _ROWS_PER_PIECE)
    real = pixels.dtype.type
    run_pieces(pack_rows, pieces, pixels, target, planes)
    run_pieces(ssim_rows, pieces, planes, target, taps, partials, similar)
    run_pieces(
        gradient_rows,
        pieces,
        partials,
        planes,
        pixels,
        target,
        taps,
        real(-weight / count),
        real((1.0 - weight) / count),
        gradient,
        absolute,
    )
    l1, ssim = absolute.sum() / count, similar.sum() / count
    return (1.0 - weight) * l1 + weight * (1.0 - ssim), gradient
