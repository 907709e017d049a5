"""gsplat on CUDA against the CPU engine: the same function with the same meaning."""

from __future__ import annotations

import pytest
import torch
from tests.engine.scenes import leaves, random_scene, relative_error
from torch import Tensor

from livescape.engine.rasterize import rasterize
from livescape.engine.rasterize.types import Rasterization
from livescape.engine.ssim import photometric_loss

pytest.importorskip("gsplat")
pytestmark = [
    pytest.mark.gpu,
    pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA GPU"),
]

WIDTH, HEIGHT = 160, 90


def run(scene, device: str, **options) -> tuple[Rasterization, list[Tensor], Tensor]:
    """Images, parameter gradients and the gradient of means2d, all on the CPU."""
    gaussians, cameras = scene
    parameters = leaves([g.to(device) for g in gaussians])
    view = rasterize(*parameters, *(c.to(device) for c in cameras), WIDTH, HEIGHT, **options)
    view.info.means2d.retain_grad()
    images = (view.colors, view.alphas, view.depths)
    generator = torch.Generator().manual_seed(7)
    upstream = [torch.randn(image.shape, generator=generator) for image in images]
    torch.autograd.backward(images, [v.to(device) for v in upstream])
    gradients = [parameter.grad.cpu() for parameter in parameters]
    return view, gradients, view.info.means2d.grad.cpu()


def assert_same_images(a: Tensor, b: Tensor, tolerance: float) -> None:
    """Equal but for the rare pixel where rounding crosses the 1/255 threshold."""
    error = (a.cpu().detach() - b.detach()).abs()
    assert float(torch.quantile(error.flatten(), 0.999)) < tolerance
    assert float(error.max()) < 0.02


@pytest.mark.parametrize("antialiased", [False, True])
@pytest.mark.parametrize("opacity_bias", [-2.0, 1.0, 4.0])
def test_images_and_gradients(opacity_bias: float, antialiased: bool) -> None:
    scene = random_scene(4000, WIDTH, HEIGHT, cameras=2, opacity_bias=opacity_bias)
    options = {"antialiased": antialiased, "depth_mode": "accumulated"}
    cpu, cpu_gradients, cpu_means2d = run(scene, "cpu", **options)
    gpu, gpu_gradients, gpu_means2d = run(scene, "cuda", **options)
    assert_same_images(gpu.colors, cpu.colors, 1e-4)
    assert_same_images(gpu.alphas, cpu.alphas, 1e-4)
    assert_same_images(gpu.depths, cpu.depths, 1e-3)
    for value, expected in zip(gpu_gradients, cpu_gradients, strict=True):
        assert relative_error(value, expected) < 5e-3
    assert relative_error(gpu_means2d, cpu_means2d) < 5e-3


def test_by_products() -> None:
    scene = random_scene(4000, WIDTH, HEIGHT, cameras=2)
    cpu, _, _ = run(scene, "cpu")
    gpu, _, _ = run(scene, "cuda")
    visible = cpu.info.visible
    radii_differ = (gpu.info.radii.cpu() != cpu.info.radii).any(dim=-1)
    assert float(radii_differ.float().mean()) < 1e-3  # a ceil() may fall either way
    both = visible & gpu.info.visible.cpu()
    for name in ("means2d", "conics", "depths", "opacities"):
        value, expected = getattr(gpu.info, name).detach().cpu(), getattr(cpu.info, name).detach()
        torch.testing.assert_close(
            value[both].to(expected.dtype), expected[both], rtol=2e-3, atol=2e-3
        )


def test_absgrad_background_and_harmonics() -> None:
    gaussians, cameras = random_scene(2000, WIDTH, HEIGHT)
    generator = torch.Generator().manual_seed(1)
    gaussians[4] = 0.3 * torch.randn(2000, 16, 3, generator=generator)
    options = {"absgrad": True, "sh_degree": 3}
    background = torch.tensor([0.3, 0.6, 0.1])
    cpu, cpu_gradients, _ = run((gaussians, cameras), "cpu", background=background, **options)
    gpu, gpu_gradients, _ = run(
        (gaussians, cameras), "cuda", background=background.cuda(), **options
    )
    assert_same_images(gpu.colors, cpu.colors, 1e-4)
    assert relative_error(gpu_gradients[4], cpu_gradients[4]) < 5e-3
    assert relative_error(gpu.info.means2d.absgrad.cpu(), cpu.info.means2d.absgrad) < 5e-3


@pytest.mark.parametrize("channels", [1, 5, 7])
def test_channels(channels: int) -> None:
    scene = random_scene(1000, WIDTH, HEIGHT, channels=channels)
    cpu, _, _ = run(scene, "cpu")
    gpu, _, _ = run(scene, "cuda")
    assert_same_images(gpu.colors, cpu.colors, 1e-4)


@pytest.mark.parametrize("argument", range(5))
def test_values_that_are_not_finite_hide_their_gaussian(argument: int) -> None:
    gaussians, cameras = random_scene(200, WIDTH, HEIGHT)
    gaussians[argument].reshape(200, -1)[50:90, 0] = torch.nan
    cpu, _, _ = run((gaussians, cameras), "cpu")
    gpu, gradients, _ = run((gaussians, cameras), "cuda")
    assert bool(torch.isfinite(gpu.colors).all())
    assert_same_images(gpu.colors, cpu.colors, 1e-4)
    others = torch.cat([torch.arange(50), torch.arange(90, 200)])
    assert all(bool(torch.isfinite(gradient[others]).all()) for gradient in gradients)


def test_no_gaussians_and_no_cameras() -> None:
    gaussians, cameras = random_scene(10, WIDTH, HEIGHT)
    gaussians = leaves([g.cuda() for g in gaussians])
    cameras = [c.cuda() for c in cameras]
    view = rasterize(*(g[:0] for g in gaussians), *cameras, WIDTH, HEIGHT)
    assert view.colors.shape == (1, HEIGHT, WIDTH, 3)
    assert not bool(view.alphas.any())
    unseen = rasterize(*gaussians, *(c[:0] for c in cameras), WIDTH, HEIGHT)
    assert unseen.colors.shape == (0, HEIGHT, WIDTH, 3)
    (view.colors.sum() + unseen.colors.sum()).backward()
    assert not bool(gaussians[0].grad.any())


def test_loss() -> None:
    generator = torch.Generator().manual_seed(2)
    images = [torch.rand(45, 80, 3, generator=generator) for _ in range(2)]
    mask = torch.rand(45, 80, generator=generator) > 0.2
    values, gradients = [], []
    for device in ("cpu", "cuda"):
        render_ = images[0].to(device).requires_grad_()
        loss = photometric_loss(render_, images[1].to(device), mask.to(device))
        values.append(loss.item())
        gradients.append(torch.autograd.grad(loss, render_)[0].cpu())
    assert values[1] == pytest.approx(values[0], abs=1e-5)
    assert relative_error(gradients[1], gradients[0]) < 1e-4
