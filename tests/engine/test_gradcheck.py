"""Analytic gradients against finite differences, in float64."""

from __future__ import annotations

import pytest
import torch
from tests.engine.scenes import leaves
from torch import Tensor

from livescape.engine.rasterize import rasterize
from livescape.engine.ssim import photometric_loss, photometric_target

WIDTH, HEIGHT = 12, 8


def smooth_scene() -> tuple[list[Tensor], list[Tensor]]:
    """Few faint, wide Gaussians: no threshold is near, so the image is a smooth function."""
    generator = torch.Generator().manual_seed(2)

    def uniform(low: float, high: float, *shape: int) -> Tensor:
        return low + (high - low) * torch.rand(*shape, generator=generator, dtype=torch.float64)

    means = torch.stack([uniform(-0.3, 0.3, 5), uniform(-0.2, 0.2, 5), uniform(2.0, 3.0, 5)], 1)
    quats = torch.randn(5, 4, generator=generator, dtype=torch.float64)
    gaussians = [means, quats, uniform(1.0, 1.6, 5, 3), uniform(0.3, 0.6, 5), uniform(0, 1, 5, 3)]
    viewmats = torch.eye(4, dtype=torch.float64).repeat(2, 1, 1)
    viewmats[1, :3, 3] = torch.tensor([0.1, -0.05, 0.2])
    K = torch.tensor([[10.5, 0, 6.2], [0, 10.0, 3.7], [0, 0, 1]], dtype=torch.float64)
    return leaves(gaussians), [viewmats, K.repeat(2, 1, 1)]


@pytest.mark.parametrize("antialiased", [False, True])
def test_rasterize(antialiased: bool) -> None:
    gaussians, cameras = smooth_scene()
    background = torch.tensor([0.2, 0.5, 0.9], dtype=torch.float64, requires_grad=True)

    def images(*parameters: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        *tensors, behind = parameters
        view = rasterize(
            *tensors, *cameras, WIDTH, HEIGHT, background=behind, antialiased=antialiased
        )
        return view.colors, view.alphas, view.depths

    assert torch.autograd.gradcheck(images, (*gaussians, background), eps=1e-6, atol=1e-6)


def test_spherical_harmonics() -> None:
    gaussians, cameras = smooth_scene()
    generator = torch.Generator().manual_seed(4)
    coefficients = 0.1 * torch.randn(5, 16, 3, generator=generator, dtype=torch.float64)
    coefficients.requires_grad_()

    def image(means: Tensor, coefficients: Tensor) -> Tensor:
        return rasterize(
            means, *gaussians[1:4], coefficients, *cameras, WIDTH, HEIGHT, sh_degree=3
        ).colors

    assert torch.autograd.gradcheck(image, (gaussians[0], coefficients), eps=1e-6, atol=1e-6)


def test_photometric_loss() -> None:
    generator = torch.Generator().manual_seed(6)
    render = torch.rand(9, 14, 3, generator=generator, dtype=torch.float64, requires_grad=True)
    image = torch.rand(9, 14, 3, generator=generator, dtype=torch.float64)
    mask = torch.rand(9, 14, generator=generator) > 0.3
    target = photometric_target(image, mask)
    assert torch.autograd.gradcheck(lambda x: photometric_loss(x, target, None, 0.4), (render,))
