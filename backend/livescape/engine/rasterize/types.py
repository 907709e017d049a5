"""The options of a rasteriser besides its tensors, and what it returns."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from livescape_shared.rendering import DILATION, NEAR


@dataclass(frozen=True)
class RasterOptions:
    """Settings of one rasterisation; see `livescape.engine.rasterize.rasterize`."""

    width: int
    height: int
    near: float = NEAR
    eps2d: float = DILATION
    antialiased: bool = False
    absgrad: bool = False


@dataclass(frozen=True, eq=False)
class RasterInfo:
    """Per-camera, per-Gaussian by-products, for density control and for tests.

    Attributes:
        means2d: Projected centres in pixels [B, N, 2]. Call `retain_grad()` before backward to
            read `.grad`; with `absgrad` the attribute `.absgrad` holds the sum over pixels of
            the gradient's absolute value.
        radii: Half-widths of the bounding box in whole pixels [B, N, 2] int32; 0 where culled.
        conics: Inverse 2-D covariance (a, b, c) [B, N, 3].
        depths: Camera-space z in metres [B, N].
        opacities: Opacity after the anti-aliasing compensation [B, N].
    """

    means2d: Tensor
    radii: Tensor
    conics: Tensor
    depths: Tensor
    opacities: Tensor

    @property
    def visible(self) -> Tensor:
        """Which Gaussians reach the image, [B, N] bool."""
        return torch.all(self.radii > 0, dim=-1)


@dataclass(frozen=True, eq=False)
class Rasterization:
    """Images of B cameras.

    Attributes:
        colors: Blended features [B, H, W, C], over the background if one was given.
        alphas: Coverage 0..1, [B, H, W, 1].
        depths: Camera-space z in metres, [B, H, W, 1]: the alpha-weighted mean ("expected", 0
            where nothing is hit) or the weighted sum ("accumulated").
        info: By-products of the projection.
    """

    colors: Tensor
    alphas: Tensor
    depths: Tensor
    info: RasterInfo
