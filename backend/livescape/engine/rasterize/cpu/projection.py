"""Projection as an autograd function over all cameras at once."""

from __future__ import annotations

from typing import Any, NamedTuple

import torch
from torch import Tensor
from torch.autograd.function import once_differentiable

from livescape.engine.rasterize.cpu.arrays import CameraArrays, GaussianArrays, SplatArrays
from livescape.engine.rasterize.cpu.projection_gradients import project_gradient_pieces
from livescape.engine.rasterize.cpu.projection_kernels import project_pieces
from livescape.engine.rasterize.types import RasterOptions
from livescape.engine.threads import run_pieces

_GAUSSIANS_PER_PIECE = 4096


class Splats(NamedTuple):
    """2D splats of B cameras: the result of projecting N Gaussians."""

    means2d: Tensor
    """[B, N, 2] pixels, float64: rounded to float32, 1000.3 alone would move by 3e-5."""
    depths: Tensor
    """[B, N] metres."""
    conics: Tensor
    """[B, N, 3] float64."""
    opacities: Tensor
    """[B, N]."""
    radii: Tensor
    """[B, N, 2] int32, 0 where culled."""


def project(
    means: Tensor,
    quats: Tensor,
    scales: Tensor,
    opacities: Tensor,
    viewmats: Tensor,
    Ks: Tensor,
    options: RasterOptions,
) -> Splats:
    """Project N Gaussians into B cameras, differentiably in the first four arguments.

    Anything that is not finite, behind `near` or off the image is culled: radii 0, no gradient.
    """
    return Splats(*_Project.apply(means, quats, scales, opacities, viewmats, Ks, options))


class _Project(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, *inputs: Any) -> tuple[Tensor, ...]:
        *tensors, options = inputs
        tensors = [tensor.detach().contiguous() for tensor in tensors]
        means, viewmats = tensors[0], tensors[4]
        shape = (viewmats.shape[0], means.shape[0])
        tails: tuple[tuple[int, ...], ...] = ((2,), (), (3,), ())
        outputs = [means.new_zeros(*shape, *tail) for tail in tails]
        outputs[0], outputs[2] = outputs[0].double(), outputs[2].double()
        radii = torch.empty(*shape, 2, dtype=torch.int32)
        run_pieces(
            project_pieces,
            _pieces(means),
            GaussianArrays(*_arrays(tensors[:4])),
            _camera_arrays(tensors, options),
            SplatArrays(*_arrays(outputs)),
            radii.numpy(),
        )
        ctx.options = options
        ctx.mark_non_differentiable(radii)
        ctx.save_for_backward(*tensors, radii)
        return (*outputs, radii)

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, *grads: Tensor) -> tuple[Tensor | None, ...]:
        *tensors, radii = ctx.saved_tensors
        results = [torch.zeros_like(tensor) for tensor in tensors[:4]]
        run_pieces(
            project_gradient_pieces,
            _pieces(tensors[0]),
            GaussianArrays(*_arrays(tensors[:4])),
            _camera_arrays(tensors, ctx.options),
            radii.numpy(),
            SplatArrays(*_arrays([grad.contiguous() for grad in grads[:4]])),
            GaussianArrays(*_arrays(results)),
        )
        return (*results, None, None, None)


def _pieces(means: Tensor) -> int:
    return 1 + means.shape[0] // _GAUSSIANS_PER_PIECE


def _arrays(tensors: list[Tensor]) -> list[Any]:
    return [tensor.numpy() for tensor in tensors]


def _camera_arrays(tensors: list[Tensor], options: RasterOptions) -> CameraArrays:
    return CameraArrays(
        tensors[4].numpy(),
        tensors[5].numpy(),
        int(options.width),
        int(options.height),
        float(options.near),
        float(options.eps2d),
        bool(options.antialiased),
    )
