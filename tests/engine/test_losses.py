"""The fused loss against its torch twin, and what the mask does."""

from __future__ import annotations

import pytest
import torch
from tests.engine.scenes import relative_error
from torch import Tensor

from livescape.engine.ssim import cuda, photometric_loss, photometric_losses, photometric_target
from livescape.engine.ssim.reference import photometric_loss as plain_loss


def images(height: int, width: int, dtype: torch.dtype, channels: int = 3) -> list[Tensor]:
    generator = torch.Generator().manual_seed(height * width)
    target = torch.rand(height, width, channels, generator=generator, dtype=dtype)
    noise = torch.randn(height, width, channels, generator=generator, dtype=dtype)
    mask = torch.rand(height, width, generator=generator) > 0.25
    return [target + 0.2 * noise, target, mask]


def value_and_gradient(loss, render: Tensor) -> tuple[float, Tensor]:
    render = render.clone().requires_grad_()
    value = loss(render)
    return value.item(), torch.autograd.grad(value, render)[0]


@pytest.mark.parametrize("size", [(1, 1), (3, 40), (61, 83), (50, 16)])
@pytest.mark.parametrize("masked", [False, True])
@pytest.mark.parametrize(("dtype", "tolerance"), [(torch.float32, 2e-6), (torch.float64, 1e-12)])
def test_fused_is_the_twin(
    size: tuple[int, int], masked: bool, dtype: torch.dtype, tolerance: float
) -> None:
    render, image, mask = images(*size, dtype)
    target = photometric_target(image, mask if masked and size != (1, 1) else None)
    fused, gradient = value_and_gradient(lambda x: photometric_loss(x, target, None, 0.2), render)
    twin, expected = value_and_gradient(lambda x: plain_loss(x, target, 0.2), render)
    assert fused == pytest.approx(twin, abs=tolerance)
    assert relative_error(gradient, expected) < tolerance


@pytest.mark.parametrize("losses_of", [photometric_losses, cuda.photometric_losses])
def test_losses_of_a_batch_are_those_of_its_images(losses_of) -> None:
    renders, targets = [], []
    for part in (0.0, 0.3, 1.1):  # the last view has no valid pixel
        render, image, _ = images(24, 35, torch.float64)
        targets.append(photometric_target(image + part, image[..., 0] > part))
        renders.append(render)
    batch = torch.stack(renders).requires_grad_()
    losses = losses_of(batch, targets, 0.3)
    upstream = torch.tensor([1.0, 0.5, 2.0], dtype=torch.float64)
    (gradients,) = torch.autograd.grad(losses, batch, upstream)
    assert losses.shape == (3,)
    assert losses[2] == 0
    for i, target in enumerate(targets):
        alone, gradient = value_and_gradient(
            lambda x, target=target: plain_loss(x, target, 0.3), renders[i]
        )
        assert losses[i].item() == pytest.approx(alone, abs=1e-12)
        torch.testing.assert_close(gradients[i], upstream[i] * gradient, rtol=1e-9, atol=1e-14)
    with pytest.raises(ValueError, match="3 renders but 2 targets"):
        photometric_losses(batch, targets[:2])


def test_equal_images_cost_nothing() -> None:
    _, image, _ = images(20, 30, torch.float64)
    assert photometric_loss(image, image).item() == pytest.approx(0.0, abs=1e-12)


def test_masked_pixels_do_not_matter() -> None:
    render, image, mask = images(40, 50, torch.float64)
    spoilt = torch.where(mask[..., None], render, torch.full_like(render, 9.0))
    a, gradient_a = value_and_gradient(lambda x: photometric_loss(x, image, mask), render)
    b, gradient_b = value_and_gradient(lambda x: photometric_loss(x, image, mask), spoilt)
    assert a == b
    assert torch.equal(gradient_a, gradient_b)
    assert torch.all(gradient_a[~mask] == 0)
    assert bool((gradient_a[mask] != 0).all())


def test_masked_target_pixels_may_hold_anything() -> None:
    render, image, mask = images(40, 50, torch.float64)
    image[~mask] = torch.nan
    value, gradient = value_and_gradient(lambda x: photometric_loss(x, image, mask), render)
    assert 0.0 < value < 1.0
    assert bool(torch.isfinite(gradient).all())


def test_all_masked_is_zero() -> None:
    render, image, mask = images(8, 9, torch.float32)
    value, gradient = value_and_gradient(
        lambda x: photometric_loss(x, image, torch.zeros_like(mask)), render
    )
    assert value == 0.0
    assert torch.all(gradient == 0)


def test_plain_l1() -> None:
    render, image, _ = images(12, 12, torch.float64)
    value = photometric_loss(render, image, ssim_weight=0.0).item()
    assert value == pytest.approx((render - image).abs().mean().item())


def test_upstream_factor_scales_the_gradient() -> None:
    render, image, _ = images(12, 12, torch.float32)
    _, one = value_and_gradient(lambda x: photometric_loss(x, image), render)
    _, three = value_and_gradient(lambda x: 3.0 * photometric_loss(x, image), render)
    torch.testing.assert_close(three, 3.0 * one)


def test_wrong_shapes() -> None:
    render, image, mask = images(8, 9, torch.float32)
    with pytest.raises(ValueError, match=r"\(8, 8, 3\)"):
        photometric_loss(render[:, :8], image)
    with pytest.raises(ValueError, match="mask"):
        photometric_target(image, mask[:5])
    with pytest.raises(ValueError, match="H, W, C"):
        photometric_target(image[..., 0])
    with pytest.raises(ValueError, match="own mask"):
        photometric_loss(render, photometric_target(image), mask)
