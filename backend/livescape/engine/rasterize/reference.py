"""The rasteriser's slow, plain reference: dense torch, any float dtype, gradients by autograd.

Every Gaussian is evaluated at every pixel, so it is for tests and small images only. Equations
and cut-offs are those of `livescape.engine.rasterize`, written as directly as possible.
"""

from __future__ import annotations

import torch
from torch import Tensor

from livescape.engine.rasterize.thresholds import EXTENT_MAX, FAR, TRANSMITTANCE_MIN
from livescape.engine.rasterize.types import RasterInfo, RasterOptions
from livescape_shared.rendering import ALPHA_MAX, ALPHA_MIN, IMAGE_MARGIN


def rasterize_reference(
    means: Tensor,
    quats: Tensor,
    scales: Tensor,
    opacities: Tensor,
    colors: Tensor,
    viewmats: Tensor,
    Ks: Tensor,
    options: RasterOptions,
) -> tuple[Tensor, Tensor, Tensor, RasterInfo]:
    """Signature and results of both forms: colours, accumulated depths, alphas, info."""
    covariances = world_covariances(quats, scales)
    views = []
    for b in range(viewmats.shape[0]):
        splats = project_one(means, covariances, opacities, viewmats[b], Ks[b], options)
        features = colors if colors.dim() == 2 else colors[b]
        views.append((*blend_one(*splats, features, options), *splats))
    images, depths, alphas, means2d, z, conics, compensated, radii = map(
        torch.stack, zip(*views, strict=True)
    )
    return images, depths, alphas, RasterInfo(means2d, radii, conics, z, compensated)


def rotation_matrices(quats: Tensor) -> Tensor:
    """[N, 3, 3] from quaternions [N, 4] w, x, y, z of any length."""
    w, x, y, z = torch.nn.functional.normalize(quats, dim=-1).unbind(-1)
    rows = [
        1 - 2 * (y * y + z * z), 2 * (x * y - w * z), 2 * (x * z + w * y),
        2 * (x * y + w * z), 1 - 2 * (x * x + z * z), 2 * (y * z - w * x),
        2 * (x * z - w * y), 2 * (y * z + w * x), 1 - 2 * (x * x + y * y),
    ]  # fmt: skip
    return torch.stack(rows, dim=-1).reshape(-1, 3, 3)


def world_covariances(quats: Tensor, scales: Tensor) -> Tensor:
    """R S S^T R^T, [N, 3, 3]."""
    axes = rotation_matrices(quats) * scales[:, None, :]
    return axes @ axes.transpose(1, 2)


def project_one(
    means: Tensor,
    covariances: Tensor,
    opacities: Tensor,
    viewmat: Tensor,
    K: Tensor,
    options: RasterOptions,
) -> tuple[Tensor, Tensor, Tensor, Tensor, Tensor]:
    """EWA splats of one camera: means2d, depths, conics, opacities and radii [N, ...]."""
    rotation = viewmat[:3, :3]
    x, y, z = (means @ rotation.T + viewmat[:3, 3]).unbind(-1)
    in_range = (z >= options.near) & (z <= FAR)
    z = torch.where(in_range, z, torch.ones_like(z))
    fx, fy, cx, cy = K[0, 0], K[1, 1], K[0, 2], K[1, 2]
    tx = _clamped(x / z, fx, cx, options.width)
    ty = _clamped(y / z, fy, cy, options.height)
    zero = torch.zeros_like(z)
    rows = [fx / z, zero, -fx * tx / z, zero, fy / z, -fy * ty / z]
    jacobian = torch.stack(rows, dim=-1).reshape(-1, 2, 3)
    transform = jacobian @ rotation
    covariance = transform @ covariances @ transform.transpose(1, 2)
    raw_a, b, raw_c = covariance[:, 0, 0], covariance[:, 0, 1], covariance[:, 1, 1]
    a, c = raw_a + options.eps2d, raw_c + options.eps2d
    det = a * c - b * b
    conics = torch.stack([c / det, -b / det, a / det], dim=-1)
    if options.antialiased:
        ratio = (raw_a * raw_c - b * b) / det
        positive = ratio > 0
        ratio = torch.where(positive, ratio, torch.ones_like(ratio))
        opacities = opacities * torch.where(positive, ratio.sqrt(), torch.zeros_like(ratio))
    means2d = torch.stack([fx * x / z + cx, fy * y / z + cy], dim=-1)
    radii = _radii(means2d, a, c, det, opacities, in_range, options)
    return means2d, z, conics, opacities, radii


def _clamped(slope: Tensor, focal: Tensor, centre: Tensor, size: int) -> Tensor:
    margin = IMAGE_MARGIN * size / focal
    upper = (size - centre) / focal + margin
    return torch.minimum(upper, torch.maximum(-(centre / focal + margin), slope))


def _radii(
    means2d: Tensor,
    a: Tensor,
    c: Tensor,
    det: Tensor,
    opacities: Tensor,
    in_range: Tensor,
    options: RasterOptions,
) -> Tensor:
    extent = (2.0 * (opacities.detach().clamp(min=ALPHA_MIN) / ALPHA_MIN).log()).sqrt()
    spread = torch.stack([a, c], dim=-1).detach().sqrt()
    half = torch.ceil(extent.clamp(max=EXTENT_MAX)[:, None] * spread)
    size = torch.tensor([options.width, options.height], dtype=half.dtype)
    inside = ((means2d + half > 0) & (means2d - half < size)).all(dim=-1)
    drawn = inside & in_range & (det > 0) & (det < torch.inf) & (opacities >= ALPHA_MIN)
    return torch.where(drawn[:, None], half.clamp(max=1e9), torch.zeros_like(half)).int()


def blend_one(
    means2d: Tensor,
    depths: Tensor,
    conics: Tensor,
    opacities: Tensor,
    radii: Tensor,
    colors: Tensor,
    options: RasterOptions,
) -> tuple[Tensor, Tensor, Tensor]:
    """Blend one camera's splats: colours [H, W, C], accumulated depth and alpha [H, W, 1]."""
    drawn = torch.nonzero((radii[:, 0] > 0) & torch.isfinite(colors).all(dim=-1)).squeeze(1)
    order = drawn[torch.argsort(depths[drawn], stable=True)]
    xs = torch.arange(options.width, dtype=means2d.dtype) + 0.5
    ys = torch.arange(options.height, dtype=means2d.dtype) + 0.5
    centres = torch.stack(torch.meshgrid(xs, ys, indexing="xy"), dim=-1).reshape(1, -1, 2)
    dx, dy = (centres - means2d[order, None, :]).unbind(-1)  # [V, pixels]
    a, b, c = (conics[order, k, None] for k in range(3))
    sigma = 0.5 * (a * dx * dx + c * dy * dy) + b * dx * dy
    alpha = torch.clamp_max(opacities[order, None] * torch.exp(-sigma), ALPHA_MAX)
    alpha = torch.where((alpha >= ALPHA_MIN) & (sigma >= 0), alpha, torch.zeros_like(alpha))
    after = torch.cumprod(1.0 - alpha, dim=0)
    before = torch.cat([torch.ones_like(after[:1]), after[:-1]])
    weights = torch.where(after > TRANSMITTANCE_MIN, alpha * before, torch.zeros_like(alpha))
    shape = (options.height, options.width, -1)
    images = (weights.T @ colors[order]).reshape(shape)
    depth = (weights.T @ depths[order, None]).reshape(shape)
    return images, depth, weights.sum(dim=0).reshape(*shape[:2], 1)
