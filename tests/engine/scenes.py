"""Random scenes for the rasteriser's tests."""

from __future__ import annotations

import torch
from torch import Tensor

Scene = tuple[list[Tensor], list[Tensor]]


def random_scene(
    count: int,
    width: int,
    height: int,
    *,
    cameras: int = 1,
    channels: int = 3,
    opacity_bias: float = 1.0,
    size: float = 2.0,
    dtype: torch.dtype = torch.float32,
    seed: int = 0,
) -> Scene:
    """Gaussians (means, quats, scales, opacities, colors) and cameras (viewmats, Ks).

    Some Gaussians lie behind or beside the cameras; `size` is the typical width in pixels.
    """
    generator = torch.Generator().manual_seed(seed)

    def uniform(*shape: int) -> Tensor:
        return torch.rand(*shape, generator=generator, dtype=torch.float64)

    def normal(*shape: int) -> Tensor:
        return torch.randn(*shape, generator=generator, dtype=torch.float64)

    focal = 0.9 * width
    z = 1.0 + 9.0 * uniform(count)
    z[: count // 20] *= -1.0
    x = (uniform(count) - 0.5) * 1.3 * width / focal * z
    y = (uniform(count) - 0.5) * 1.3 * height / focal * z
    scales = torch.exp(0.6 * normal(count, 3)) * size / focal * z.abs()[:, None]
    opacities = torch.sigmoid(opacity_bias + 1.5 * normal(count))
    gaussians = [
        torch.stack([x, y, z], dim=-1),
        normal(count, 4),
        scales,
        opacities,
        uniform(count, channels),
    ]
    viewmats = torch.eye(4, dtype=torch.float64).repeat(cameras, 1, 1)
    for b in range(1, cameras):
        angle = torch.tensor(0.1 * b, dtype=torch.float64)
        viewmats[b, 0, 0] = viewmats[b, 2, 2] = torch.cos(angle)
        viewmats[b, 0, 2], viewmats[b, 2, 0] = torch.sin(angle), -torch.sin(angle)
        viewmats[b, :3, 3] = torch.tensor([-0.2 * b, 0.1 * b, 0.3 * b])
    K = [[focal, 0.0, 0.48 * width], [0.0, 1.05 * focal, 0.53 * height], [0.0, 0.0, 1.0]]
    Ks = torch.tensor(K, dtype=torch.float64).repeat(cameras, 1, 1)
    return [g.to(dtype) for g in gaussians], [viewmats.to(dtype), Ks.to(dtype)]


def leaves(tensors: list[Tensor], dtype: torch.dtype | None = None) -> list[Tensor]:
    """Fresh copies that require gradients."""
    return [t.detach().to(dtype or t.dtype).clone().requires_grad_() for t in tensors]


def relative_error(value: Tensor, truth: Tensor) -> float:
    """L2 distance relative to the truth's norm."""
    return float((value.double() - truth.double()).norm() / truth.double().norm())
