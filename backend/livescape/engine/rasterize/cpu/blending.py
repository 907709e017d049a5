"""Blending as an autograd function: 2D splats of B cameras to images."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.autograd.function import once_differentiable

from livescape.engine.rasterize.cpu.arrays import (
    SUM_FEATURES,
    Bins,
    Images,
    SplatArrays,
    compiled_features,
)
from livescape.engine.rasterize.cpu.binning import bin_splats
from livescape.engine.rasterize.cpu.blend_kernels import (
    blend_pieces,
    gradient_pieces,
    reduce_pieces,
)
from livescape.engine.rasterize.cpu.projection import Splats
from livescape.engine.simd import Floats
from livescape.engine.threads import run_pieces

_BLOCKS_PER_PIECE = 4
_SPLATS_PER_PIECE = 8192


def blend(
    splats: Splats, colors: Tensor, width: int, height: int, *, absgrad: bool = False
) -> tuple[Tensor, Tensor, Tensor]:
    """Blend splats front to back.

    Args:
        splats: Splats of B cameras.
        colors: [N, C] features, or [B, N, C].
        width: Image width in pixels.
        height: Image height in pixels.
        absgrad: Set `splats.means2d.absgrad` [B, N, 2] in the backward pass.

    Returns:
        Colours [B, H, W, C], accumulated depth [B, H, W] and alpha [B, H, W].
    """
    holder = splats.means2d if absgrad else None
    if colors.dim() == 2:
        colors = colors.expand(splats.means2d.shape[0], *colors.shape)
    result: tuple[Tensor, Tensor, Tensor] = _Blend.apply(*splats, colors, width, height, holder)
    return result


class _Blend(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, *inputs: Any) -> tuple[Tensor, ...]:
        *tensors, width, height, holder = inputs
        *splats, radii, colors = (array_of(tensor) for tensor in tensors)
        cameras, ctx.gaussians, channels = colors.shape
        shape = (cameras, height, width)
        arrays = [np.empty((*shape, *tail), colors.dtype) for tail in ((channels,), (), ())]
        ctx.bins = []
        for b in range(cameras):
            camera = SplatArrays(*(array[b] for array in splats))
            bins = bin_splats(camera, radii[b], colors[b], width, height)
            run_pieces(
                blend_pieces,
                block_pieces(bins),
                bins,
                compiled_features(channels),
                Images(*(array[b] for array in arrays)),
            )
            ctx.bins.append(bins)
        outputs = [torch.from_numpy(array) for array in arrays]
        ctx.save_for_backward(*outputs)
        ctx.holder = holder
        return tuple(outputs)

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, *grads: Tensor) -> tuple[Any, ...]:
        arrays = [array_of(tensor) for tensor in ctx.saved_tensors]
        v_arrays = [array_of(grad) for grad in grads]
        shape, dtype = (len(arrays[0]), ctx.gaussians), arrays[0].dtype
        tails: list[tuple[int, ...]] = [(2,), (), (3,), (), (arrays[0].shape[-1],)]
        results = [np.zeros((*shape, *tail), dtype) for tail in tails]
        absolute = np.zeros((*shape, 2) if ctx.holder is not None else (shape[0], 0, 2), dtype)
        for b in range(shape[0]):
            _camera_gradient(
                ctx.bins[b],
                Images(*(array[b] for array in arrays)),
                Images(*(array[b] for array in v_arrays)),
                SplatArrays(*(result[b] for result in results[:4])),
                results[4][b],
                absolute[b],
            )
        if ctx.holder is not None:
            ctx.holder.absgrad = torch.from_numpy(absolute)
        *v_splats, v_colors = (torch.from_numpy(result) for result in results)
        return (*v_splats, None, v_colors, None, None, None)


def _camera_gradient(
    bins: Bins,
    images: Images,
    v_images: Images,
    v_splats: SplatArrays,
    v_colors: Floats,
    absolute: Floats,
) -> None:
    """Fill one camera's gradients; an empty `absolute` is not computed."""
    features = compiled_features(v_colors.shape[1])
    extra = (0, 0) if len(absolute) else ()
    columns = SUM_FEATURES + len(features) + len(extra)
    records = np.empty((len(bins.entries), columns), v_colors.dtype)
    run_pieces(
        gradient_pieces,
        block_pieces(bins),
        bins,
        features,
        extra,
        images,
        v_images,
        records.reshape(-1),
    )
    run_pieces(
        reduce_pieces,
        1 + len(bins.order) // _SPLATS_PER_PIECE,
        bins,
        records,
        SUM_FEATURES + len(features),
        v_splats,
        v_colors,
        absolute,
    )


def array_of(tensor: Tensor) -> Floats:
    """Return the values of a CPU tensor."""
    return np.ascontiguousarray(tensor.detach().numpy())


def block_pieces(bins: Bins) -> int:
    """Return into how many pieces a picture's blocks are divided."""
    return -(-(len(bins.starts) - 1) // _BLOCKS_PER_PIECE)
