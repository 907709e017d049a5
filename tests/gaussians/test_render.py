"""Rendering records of Gaussians, and the two blending spaces."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from livescape.gaussians.color import linear_to_srgb, srgb_to_linear, to_blending_space
from livescape.gaussians.render import render
from livescape_shared import conventions
from livescape_shared.camera import Camera
from livescape_shared.gaussians import Gaussians

CAMERA = Camera(21, 15, np.array([[20.0, 0, 10.5], [0, 20.0, 7.5], [0, 0, 1]]), np.eye(4))


def two_sheets(front_opacity: float) -> Gaussians:
    """A red sheet in front of a blue one, both far wider than the image."""
    return Gaussians(
        means=np.array([[0, 0, 2.0], [0, 0, 3.0]]),
        quats=np.array([[1.0, 0, 0, 0]] * 2),
        scales=np.array([[90.0, 90.0, 0.01]] * 2),
        opacities=np.array([front_opacity, 0.998]),
        colors=np.array([[0.8, 0.1, 0.2], [0.1, 0.2, 0.9]]),
    )


@pytest.mark.parametrize("blend", ["linear", "srgb"])
def test_blending_by_hand(blend: str) -> None:
    sheets = two_sheets(0.4)
    view = render(sheets, CAMERA, blend)
    colors = sheets.colors
    if blend == "linear":
        colors = conventions.srgb_to_linear(colors)
    mixed = 0.4 * colors[0] + 0.6 * 0.998 * colors[1]
    if blend == "linear":
        mixed = conventions.linear_to_srgb(mixed)
    np.testing.assert_allclose(view.image[7, 10], mixed, atol=2e-4)
    np.testing.assert_allclose(view.alpha[7, 10], 0.4 + 0.6 * 0.998, atol=1e-4)
    expected_depth = (0.4 * 2 + 0.6 * 0.998 * 3) / (0.4 + 0.6 * 0.998)
    np.testing.assert_allclose(view.depth[7, 10], expected_depth, atol=1e-3)


def test_an_opaque_sheet_shows_its_own_color_in_either_space() -> None:
    sheets = two_sheets(0.999)
    for blend in ("linear", "srgb"):
        image = render(sheets, CAMERA, blend).image
        np.testing.assert_allclose(image[7, 10], sheets.colors[0], atol=2e-3)


def test_nothing_to_render() -> None:
    view = render(Gaussians.empty(), CAMERA)
    assert view.image.shape == (15, 21, 3)
    assert view.image.dtype == np.float32
    assert not view.image.any()
    assert not view.alpha.any()


def test_curves_are_the_shared_ones_and_inverse() -> None:
    values = torch.linspace(0.0, 1.0, 4001)
    linear = srgb_to_linear(values)
    np.testing.assert_allclose(linear, conventions.srgb_to_linear(values.numpy()), atol=1e-6)
    torch.testing.assert_close(linear_to_srgb(linear), values, rtol=0, atol=2e-6)


def test_curves_have_finite_gradients_everywhere() -> None:
    for curve in (srgb_to_linear, linear_to_srgb):
        values = torch.tensor([-1.0, 0.0, 1e-9, 0.0031308, 0.04045, 1.0, 3.0], requires_grad=True)
        (gradient,) = torch.autograd.grad(curve(values).sum(), values)
        assert bool(torch.isfinite(gradient).all())
        assert bool((gradient > 0).all())


def test_unknown_blend() -> None:
    with pytest.raises(ValueError, match="blend"):
        to_blending_space(torch.ones(1, 3), "gamma")
