"""The CUDA form of `rasterize`: gsplat, imported on first use."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any, cast

import torch
from torch import Tensor

from livescape.engine.rasterize.spherical_harmonics import view_colors
from livescape.engine.rasterize.thresholds import FAR
from livescape.engine.rasterize.types import RasterInfo, RasterOptions
from livescape_shared.errors import LivescapeError

__all__ = ["rasterize", "view_colors"]


def rasterize(
    means: Tensor,
    quats: Tensor,
    scales: Tensor,
    opacities: Tensor,
    colors: Tensor,
    viewmats: Tensor,
    Ks: Tensor,
    options: RasterOptions,
) -> tuple[Tensor, Tensor, Tensor, RasterInfo]:
    """Rasterise checked tensors; see `rasterize` for shapes. Computes in float32.

    Returns:
        Colours [B, H, W, C] over black, accumulated depth [B, H, W, 1], alpha [B, H, W, 1], info.

    Raises:
        ValueError: If the tensors are on another kind of device.
        LivescapeError: "gsplat_missing".
    """
    if means.device.type != "cuda":
        raise ValueError(f"no rasteriser for device {means.device}")
    if means.shape[0] == 0 or viewmats.shape[0] == 0:
        return _nothing(means, colors, viewmats, options)
    tensors = (means, quats, scales, opacities, colors, viewmats, Ks)
    single = [tensor.float().contiguous() for tensor in tensors]
    single[3] = torch.where(_usable(*single[:5]), single[3], 0.0)
    rendered, alphas, meta = _gsplat_rasterization()(
        *single,
        options.width,
        options.height,
        near_plane=options.near,
        far_plane=FAR,
        eps2d=options.eps2d,
        packed=False,
        render_mode="RGB+D",
        absgrad=options.absgrad,
        rasterize_mode="antialiased" if options.antialiased else "classic",
    )
    info = RasterInfo(
        meta["means2d"], meta["radii"], meta["conics"], meta["depths"], meta["opacities"]
    )
    colors, depths = rendered[..., :-1].to(means.dtype), rendered[..., -1:].to(means.dtype)
    return colors, depths, alphas.to(means.dtype), info


def _nothing(
    means: Tensor, colors: Tensor, viewmats: Tensor, options: RasterOptions
) -> tuple[Tensor, Tensor, Tensor, RasterInfo]:
    """Empty images: gsplat's kernels crash the process on empty input."""
    shape = (viewmats.shape[0], means.shape[0])
    image = means.new_zeros(shape[0], options.height, options.width, 1) + 0.0 * means.sum()
    means2d, conics = means.new_zeros(*shape, 2), means.new_zeros(*shape, 3)
    radii = torch.zeros(*shape, 2, dtype=torch.int32, device=means.device)
    scalars = means.new_zeros(shape)
    info = RasterInfo(means2d, radii, conics, scalars, scalars)
    return image.expand(-1, -1, -1, colors.shape[-1]), image, image, info


def _usable(
    means: Tensor, quats: Tensor, scales: Tensor, opacities: Tensor, colors: Tensor
) -> Tensor:
    """Which Gaussians can be drawn, [N]: gsplat lets values that are not finite through.

    Decided on the device, without a sync; the others are given opacity 0, which culls them.
    """
    rows = torch.cat([means, quats, scales, opacities[:, None]], dim=1)
    features = colors if colors.dim() == 2 else colors.transpose(0, 1).flatten(1)
    finite = torch.isfinite(rows).all(dim=1) & torch.isfinite(features).all(dim=1)
    return finite & (quats != 0).any(dim=1)


GsplatRasterization = Callable[..., tuple[Tensor, Tensor, dict[str, Any]]]


@cache
def _gsplat_rasterization() -> GsplatRasterization:
    try:
        from gsplat import rasterization
    except ImportError as error:
        raise LivescapeError(
            "gsplat_missing",
            "Rendering Gaussians on the graphics card needs gsplat, which is not installed.",
            hint="Install livescape[cuda], or choose the CPU.",
        ) from error
    return cast(GsplatRasterization, rasterization)
