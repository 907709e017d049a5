"""Colours from spherical harmonics as an autograd function; its twin is `view_colors`."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable

from livescape.engine.rasterize.cpu.harmonics_kernels import color_gradient_pieces, color_pieces
from livescape.engine.rasterize.spherical_harmonics import camera_positions
from livescape.engine.threads import run_pieces

_GAUSSIANS_PER_PIECE = 4096


def fused_view_colors(coefficients: Tensor, means: Tensor, viewmats: Tensor, degree: int) -> Tensor:
    """Colours [B, N, 3], differentiable in coefficients and means; see `view_colors`.

    Gaussians whose colour gets no gradient leave no trace, whatever their values.
    """
    positions = camera_positions(viewmats)
    colors: Tensor = _ViewColors.apply(coefficients, means, positions, degree)
    return colors


class _ViewColors(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, *inputs: Any) -> Tensor:
        *tensors, degree = inputs
        coefficients, means, positions = (tensor.detach().contiguous() for tensor in tensors)
        colors: Tensor = means.new_empty(len(positions), len(means), 3)
        arrays = (means.numpy(), coefficients.numpy(), positions.numpy())
        run_pieces(color_pieces, _pieces(means), *arrays, degree, colors.numpy())
        ctx.degree = degree
        ctx.save_for_backward(coefficients, means, positions, colors)
        return colors

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, *grads: Tensor) -> tuple[Tensor | None, ...]:
        coefficients, means, positions, colors = ctx.saved_tensors
        v_means, v_coefficients = torch.zeros_like(means), torch.zeros_like(coefficients)
        run_pieces(
            color_gradient_pieces,
            _pieces(means),
            means.numpy(),
            coefficients.numpy(),
            positions.numpy(),
            ctx.degree,
            colors.numpy(),
            grads[0].contiguous().numpy(),
            v_means.numpy(),
            v_coefficients.numpy(),
        )
        return v_coefficients, v_means, None, None


def _pieces(means: Tensor) -> int:
    return 1 + means.shape[0] // _GAUSSIANS_PER_PIECE
