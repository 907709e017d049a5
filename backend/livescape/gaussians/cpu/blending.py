"""Blending as an autograd function: 2D splats of B cameras to images."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.autograd.function import once_differentiable

from livescape.gaussians.cpu.backward import gradient_pieces
from livescape.gaussians.cpu.binning import Bins, bin_splats
from livescape.gaussians.cpu.forward import blend_pieces
from livescape.gaussians.cpu.layout import SUM_FEATURES, padded_channels
from livescape.gaussians.cpu.projection import Splats
from livescape.gaussians.cpu.reduction import reduce_pieces
from livescape.gaussians.cpu.threads import run_pieces

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
        *splats, colors, width, height, holder = inputs
        arrays = [_array(tensor) for tensor in (*splats, colors)]
        shape = (len(arrays[0]), height, width)
        images = (np.empty((*shape, colors.shape[-1]), arrays[0].dtype),)
        images += (np.empty(shape, arrays[0].dtype), np.empty(shape, arrays[0].dtype))
        ctx.bins = []
        for b in range(shape[0]):
            bins = bin_splats(*(array[b] for array in arrays), width, height)
            _blend_camera(bins, tuple(image[b] for image in images))
            ctx.bins.append(bins)
        outputs = tuple(torch.from_numpy(image) for image in images)
        ctx.save_for_backward(*outputs)
        ctx.gaussians, ctx.holder = arrays[0].shape[1], holder
        return outputs

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, *grads: Tensor) -> tuple[Any, ...]:
        images = [tensor.numpy() for tensor in ctx.saved_tensors]
        v_images = [_array(grad) for grad in grads]
        cameras, channels = len(images[0]), images[0].shape[-1]
        tails = ((2,), (), (3,), (), (channels,), (2,) if ctx.holder is not None else None)
        results = [
            None if tail is None else np.zeros((cameras, ctx.gaussians, *tail), images[0].dtype)
            for tail in tails
        ]
        for b in range(cameras):
            _blend_camera_gradient(
                ctx.bins[b], tuple(i[b] for i in images), tuple(v[b] for v in v_images),
                [None if result is None else result[b] for result in results],
            )
        *v_splats, v_colors, absolute = (
            None if result is None else torch.from_numpy(result) for result in results
        )
        if ctx.holder is not None:
            ctx.holder.absgrad = absolute
        return (*v_splats, None, v_colors, None, None, None)


def _blend_camera(bins: Bins, images: tuple[NDArray[Any], ...]) -> None:
    height, width, channels = images[0].shape
    run_pieces(
        blend_pieces, _block_pieces(bins), bins.starts, bins.entries, bins.packed, bins.boxes,
        width, height, padded_channels(channels), *images,
    )


def _blend_camera_gradient(
    bins: Bins, images: tuple[NDArray[Any], ...], v_images: tuple[NDArray[Any], ...],
    results: list[NDArray[Any] | None],
) -> None:
    height, width, channels = images[0].shape
    features = (0, *padded_channels(channels))
    *v_splats, absolute = results
    extra = () if absolute is None else (0, 0)
    columns = SUM_FEATURES + len(features) + len(extra)
    records = np.empty((len(bins.entries), columns), bins.packed.dtype)
    run_pieces(
        gradient_pieces, _block_pieces(bins), bins.starts, bins.entries, bins.packed, bins.boxes,
        width, height, features, extra, images, v_images, records,
    )
    pieces = max(1, -(-len(bins.order) // _SPLATS_PER_PIECE))
    if absolute is None:
        absolute = np.empty((0, 2), records.dtype)
    run_pieces(
        reduce_pieces, pieces, bins.order, bins.packed, bins.first_slot, bins.slots,
        records, len(features), *v_splats, absolute,
    )


def _array(tensor: Tensor) -> NDArray[Any]:
    return np.ascontiguousarray(tensor.detach().numpy())


def _block_pieces(bins: Bins) -> int:
    return -(-(len(bins.starts) - 1) // _BLOCKS_PER_PIECE)
