"""A plain torch rasteriser to compare with: one row per (pixel, splat) pair, autograd gradients.

The fastest of the torch formulations we tried on a CPU, with the engine's semantics: the pairs
that contribute to the image are found without gradients, and only those are differentiated.
"""

from __future__ import annotations

import torch
from torch import Tensor

from livescape.engine.rasterize.reference import project_one, world_covariances
from livescape.engine.rasterize.thresholds import TRANSMITTANCE_MIN
from livescape.engine.rasterize.types import RasterOptions
from livescape_shared.rendering import ALPHA_MAX, ALPHA_MIN


def rasterize_pairs(
    means: Tensor,
    quats: Tensor,
    scales: Tensor,
    opacities: Tensor,
    colors: Tensor,
    viewmat: Tensor,
    K: Tensor,
    width: int,
    height: int,
) -> tuple[Tensor, Tensor]:
    """Colours [H, W, C] and alpha [H, W] of one camera."""
    options = RasterOptions(width, height)
    covariances = world_covariances(quats, scales)
    means2d, depths, conics, faded, radii = project_one(
        means, covariances, opacities, viewmat, K, options
    )
    with torch.no_grad():
        pixel, splat = candidate_pairs(means2d, depths, radii, width, height)
        alpha = pair_alpha(means2d, conics, faded, pixel, splat, width)
        bright = alpha >= ALPHA_MIN
        pixel, splat, alpha = pixel[bright], splat[bright], alpha[bright]
        after = transmittance(alpha, pixel) * (1.0 - alpha)
        live = after > TRANSMITTANCE_MIN
        pixel, splat = pixel[live], splat[live]
    alpha = pair_alpha(means2d, conics, faded, pixel, splat, width)
    weight = alpha * transmittance(alpha, pixel)
    features = torch.cat([colors[splat], torch.ones_like(weight)[:, None]], dim=1)
    image = torch.zeros(width * height, features.shape[1]).to(means2d)
    image = image.index_add(0, pixel, weight[:, None] * features)
    return image[:, :-1].reshape(height, width, -1), image[:, -1].reshape(height, width)


def pair_alpha(
    means2d: Tensor, conics: Tensor, opacities: Tensor, pixel: Tensor, splat: Tensor, width: int
) -> Tensor:
    """Alpha of every pair."""
    dx = (pixel % width).to(means2d) + 0.5 - means2d[splat, 0]
    dy = (pixel // width).to(means2d) + 0.5 - means2d[splat, 1]
    a, b, c = conics[splat].unbind(-1)
    sigma = 0.5 * (a * dx * dx + c * dy * dy) + b * dx * dy
    return (opacities[splat] * torch.exp(-sigma)).clamp(max=ALPHA_MAX)


def candidate_pairs(
    means2d: Tensor, depths: Tensor, radii: Tensor, width: int, height: int
) -> tuple[Tensor, Tensor]:
    """Pixel and splat index of every pair in the splats' boxes, by pixel and then depth."""
    visible = torch.nonzero(radii[:, 0] > 0).squeeze(1)
    visible = visible[torch.argsort(depths[visible], stable=True)]
    low = (means2d[visible] - radii[visible]).floor().int().clamp(min=0)
    high = (means2d[visible] + radii[visible]).ceil().int()
    high = torch.minimum(high, torch.tensor([width, height], dtype=torch.int32))
    size = (high - low).clamp(min=0)
    count = size[:, 0] * size[:, 1]
    entry = torch.repeat_interleave(torch.arange(len(visible)), count)
    first = count.cumsum(0, dtype=torch.int32) - count
    local = torch.arange(len(entry), dtype=torch.int32) - first[entry]
    across = size[entry, 0]
    pixel = (low[entry, 1] + local // across) * width + low[entry, 0] + local % across
    pixel, order = torch.sort(pixel, stable=True)
    return pixel, visible[entry[order]]


def transmittance(alpha: Tensor, pixel: Tensor) -> Tensor:
    """Light reaching each pair: an exclusive product within runs of equal `pixel`."""
    logs = torch.log1p(-alpha)
    before = logs.cumsum(0, dtype=torch.float64) - logs
    first = torch.ones_like(pixel, dtype=torch.bool)
    first[1:] = pixel[1:] != pixel[:-1]
    run = first.cumsum(0, dtype=torch.int32) - 1
    return torch.exp(before - before[first][run]).to(alpha)
