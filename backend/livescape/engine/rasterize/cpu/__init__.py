"""The CPU form of `rasterize`: Numba kernels with gradients, on a thread pool.

Gaussians are projected to splats, splats are binned by image block and blended there.
"""

from __future__ import annotations

from torch import Tensor

from livescape.engine.rasterize.cpu.blending import blend
from livescape.engine.rasterize.cpu.harmonics import view_colors
from livescape.engine.rasterize.cpu.projection import project
from livescape.engine.rasterize.types import RasterInfo, RasterOptions

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
    """Rasterise checked tensors of one float dtype; see `rasterize` for shapes.

    Returns:
        Colours [B, H, W, C] over black, accumulated depth [B, H, W, 1], alpha [B, H, W, 1], info.
    """
    splats = project(means, quats, scales, opacities, viewmats, Ks, options)
    images = blend(splats, colors, options.width, options.height, absgrad=options.absgrad)
    rendered, depths, alphas = images
    info = RasterInfo(splats.means2d, splats.radii, splats.conics, splats.depths, splats.opacities)
    return rendered, depths.unsqueeze(-1), alphas.unsqueeze(-1), info
