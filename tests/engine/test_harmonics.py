"""Fused spherical harmonics of the CPU engine against the torch twin, gradients included."""

from __future__ import annotations

import pytest
import torch
from tests.engine.scenes import leaves, random_scene, relative_error
from torch import Tensor

from livescape.engine.rasterize.cpu.harmonics import view_colors as fused_view_colors
from livescape.engine.rasterize.spherical_harmonics import basis_count, view_colors
from livescape.engine.threads import set_thread_count

COUNT, CAMERAS = 9_000, 3  # enough for several pieces


def scene(degree: int, dtype: torch.dtype, extra: int = 0) -> tuple[Tensor, Tensor, Tensor]:
    """Coefficients, means and cameras; a good part of the colours falls below 0."""
    gaussians, (viewmats, _) = random_scene(COUNT, 64, 48, cameras=CAMERAS, dtype=dtype)
    generator = torch.Generator().manual_seed(degree)
    shape = (COUNT, basis_count(degree) + extra, 3)
    coefficients = 0.8 * torch.randn(shape, generator=generator, dtype=torch.float64)
    return coefficients.to(dtype), gaussians[0], viewmats


def upstream(dtype: torch.dtype) -> Tensor:
    generator = torch.Generator().manual_seed(9)
    return torch.randn(CAMERAS, COUNT, 3, generator=generator, dtype=torch.float64).to(dtype)


def colors_and_gradients(work, coefficients, means, viewmats, degree) -> list[Tensor]:
    parameters = leaves([coefficients, means])
    colors = work(*parameters, viewmats, degree)
    gradients = torch.autograd.grad(
        colors, parameters, upstream(means.dtype), allow_unused=True, materialize_grads=True
    )
    return [colors.detach(), *gradients]


@pytest.mark.parametrize("degree", [0, 1, 2, 3])
@pytest.mark.parametrize(("dtype", "tolerance"), [(torch.float32, 1e-5), (torch.float64, 1e-12)])
def test_equals_the_twin(degree: int, dtype: torch.dtype, tolerance: float) -> None:
    coefficients, means, viewmats = scene(degree, dtype)
    truth = [tensor.double() for tensor in (coefficients, means, viewmats)]
    found = colors_and_gradients(fused_view_colors, coefficients, means, viewmats, degree)
    expected = colors_and_gradients(view_colors, *truth, degree)
    assert 0.01 < float((expected[0] == 0).double().mean()) < 0.6
    for value, wanted in zip(found[:2], expected[:2], strict=True):
        assert value.dtype == dtype
        assert relative_error(value, wanted) < tolerance
    if degree == 0:  # the colour does not depend on where the Gaussian is
        assert not bool(found[2].any())
    else:
        assert relative_error(found[2], expected[2]) < tolerance


def test_higher_coefficients_are_ignored() -> None:
    coefficients, means, viewmats = scene(1, torch.float64, extra=5)
    found = colors_and_gradients(fused_view_colors, coefficients, means, viewmats, 1)
    cut = colors_and_gradients(fused_view_colors, coefficients[:, :4], means, viewmats, 1)
    assert torch.equal(found[0], cut[0])
    assert torch.equal(found[1][:, :4], cut[1])
    assert not bool(found[1][:, 4:].any())
    assert torch.equal(found[2], cut[2])


def test_same_bits_for_any_number_of_threads() -> None:
    arguments = (*scene(3, torch.float32), 3)
    results = []
    try:
        for threads in (1, 3):
            set_thread_count(threads)
            results.append(colors_and_gradients(fused_view_colors, *arguments))
    finally:
        set_thread_count(None)
    for a, b in zip(*results, strict=True):
        assert torch.equal(a, b)


def test_strided_tensors_and_nobody_there() -> None:
    coefficients, means, viewmats = scene(2, torch.float32)
    strided = coefficients.transpose(0, 1).contiguous().transpose(0, 1)
    plain = fused_view_colors(coefficients, means, viewmats, 2)
    assert torch.equal(fused_view_colors(strided, means, viewmats, 2), plain)
    assert fused_view_colors(coefficients[:0], means[:0], viewmats, 2).shape == (CAMERAS, 0, 3)
    assert fused_view_colors(coefficients, means, viewmats[:0], 2).shape == (0, COUNT, 3)


def test_broken_values_reach_no_other_gaussian() -> None:
    coefficients, means, viewmats = scene(3, torch.float32)
    coefficients[5, 9, 1], means[6, 0] = torch.nan, torch.inf
    parameters = leaves([coefficients, means])
    colors = fused_view_colors(*parameters, viewmats, 3)
    assert bool(torch.isnan(colors[:, 5, 1]).all())
    others = torch.cat([torch.arange(5), torch.arange(7, COUNT)])
    assert bool(torch.isfinite(colors[:, others]).all())
    colors[:, others].sum().backward()  # the rasteriser gives hidden Gaussians no gradient
    for parameter in parameters:
        assert bool(torch.isfinite(parameter.grad).all())
        assert not bool(parameter.grad[5:7].any())
