"""The CPU engine against the dense float64 reference: values and gradients."""

from __future__ import annotations

import pytest
import torch
from tests.engine.scenes import leaves, random_scene, relative_error
from torch import Tensor

from livescape.engine.rasterize.cpu import rasterize as rasterize_cpu
from livescape.engine.rasterize.reference import rasterize_reference
from livescape.engine.rasterize.types import RasterInfo, RasterOptions

WIDTH, HEIGHT = 96, 54  # two block columns and rows, both cut by the image's edge

Result = tuple[list[Tensor], RasterInfo, list[Tensor]]


def run(engine, scene, options: RasterOptions, dtype: torch.dtype) -> Result:
    """Images, by-products and gradients for fixed random upstream gradients."""
    gaussians, cameras = scene
    parameters = leaves(gaussians, dtype)
    *images, info = engine(*parameters, *(camera.to(dtype) for camera in cameras), options)
    generator = torch.Generator().manual_seed(5)
    upstream = [torch.randn(i.shape, generator=generator, dtype=torch.float64) for i in images]
    torch.autograd.backward(images, [v.to(dtype) for v in upstream])
    return [i.detach() for i in images], info, [parameter.grad for parameter in parameters]


@pytest.mark.parametrize("opacity_bias", [-2.0, 1.0, 4.0])
@pytest.mark.parametrize("antialiased", [False, True])
def test_float64_engine_is_the_reference(antialiased: bool, opacity_bias: float) -> None:
    scene = random_scene(250, WIDTH, HEIGHT, cameras=2, opacity_bias=opacity_bias)
    options = RasterOptions(WIDTH, HEIGHT, antialiased=antialiased)
    images, info, gradients = run(rasterize_cpu, scene, options, torch.float64)
    truth, true_info, true_gradients = run(rasterize_reference, scene, options, torch.float64)
    for value, expected in zip(images, truth, strict=True):
        torch.testing.assert_close(value, expected, rtol=0, atol=1e-12)
    for value, expected in zip(gradients, true_gradients, strict=True):
        assert relative_error(value, expected) < 1e-12
    drawn = info.visible
    assert torch.equal(info.radii, true_info.radii)
    assert 0 < int(drawn.sum()) < drawn.numel()
    for name in ("means2d", "conics", "depths", "opacities"):
        value, expected = getattr(info, name)[drawn], getattr(true_info, name)[drawn]
        torch.testing.assert_close(value, expected, rtol=1e-10, atol=1e-10)


@pytest.mark.parametrize(
    ("width", "height", "opacity_bias"),
    [(WIDTH, HEIGHT, -2.0), (WIDTH, HEIGHT, 4.0), (320, 40, 1.0)],
)
def test_float32_engine_is_close_to_the_reference(
    width: int, height: int, opacity_bias: float
) -> None:
    """Also far from the origin, where pixel coordinates have fewer digits left."""
    scene = random_scene(400, width, height, opacity_bias=opacity_bias)
    options = RasterOptions(width, height)
    images, _, gradients = run(rasterize_cpu, scene, options, torch.float32)
    truth, _, true_gradients = run(rasterize_reference, scene, options, torch.float64)
    colors, depths, alphas = (
        float((value - expected).abs().max()) for value, expected in zip(images, truth, strict=True)
    )
    assert colors < 6e-7
    assert alphas < 6e-7
    assert depths < 6e-6  # metres, of depths up to 10
    for value, expected in zip(gradients, true_gradients, strict=True):
        assert relative_error(value, expected) < 2e-5


@pytest.mark.parametrize("channels", [1, 5])
def test_any_number_of_channels(channels: int) -> None:
    scene = random_scene(300, WIDTH, HEIGHT, channels=channels)
    options = RasterOptions(WIDTH, HEIGHT)
    images, _, gradients = run(rasterize_cpu, scene, options, torch.float32)
    truth, _, true_gradients = run(rasterize_reference, scene, options, torch.float64)
    assert images[0].shape == (1, HEIGHT, WIDTH, channels)
    assert float((images[0] - truth[0]).abs().max()) < 2e-6
    for value, expected in zip(gradients, true_gradients, strict=True):
        assert relative_error(value, expected) < 2e-5


def test_gaussians_far_wider_than_the_image() -> None:
    scene = random_scene(40, WIDTH, HEIGHT, size=400.0, opacity_bias=-3.0)
    options = RasterOptions(WIDTH, HEIGHT)
    images, _, gradients = run(rasterize_cpu, scene, options, torch.float64)
    truth, _, true_gradients = run(rasterize_reference, scene, options, torch.float64)
    assert float(truth[2].mean()) > 0.5
    torch.testing.assert_close(images[0], truth[0], rtol=0, atol=1e-12)
    for value, expected in zip(gradients, true_gradients, strict=True):
        assert relative_error(value, expected) < 1e-10


def test_opaque_blocks_that_finish_early() -> None:
    """More splats than the interval at which finished blocks are noticed, all but opaque."""
    scene = random_scene(3000, 40, 30, opacity_bias=8.0, size=8.0)
    options = RasterOptions(40, 30)
    images, _, gradients = run(rasterize_cpu, scene, options, torch.float64)
    truth, _, true_gradients = run(rasterize_reference, scene, options, torch.float64)
    torch.testing.assert_close(images[0], truth[0], rtol=0, atol=1e-12)
    for value, expected in zip(gradients, true_gradients, strict=True):
        assert relative_error(value, expected) < 1e-11
