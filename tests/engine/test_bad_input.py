"""Whatever comes in: a defined result or one clear ValueError."""

from __future__ import annotations

import pytest
import torch
from tests.engine.scenes import leaves, random_scene

from livescape.engine.rasterize import rasterize
from livescape.engine.rasterize.cpu import binning
from livescape_shared.errors import LivescapeError

WIDTH, HEIGHT = 40, 30
NAMES = ("means", "quats", "scales", "opacities", "colors")


def scene(count: int = 50):
    return random_scene(count, WIDTH, HEIGHT)


def test_no_gaussians() -> None:
    gaussians, cameras = scene()
    empty = leaves([g[:0] for g in gaussians])
    view = rasterize(*empty, *cameras, WIDTH, HEIGHT, background=torch.ones(3))
    assert torch.all(view.colors == 1)
    assert torch.all(view.alphas == 0)
    assert torch.all(view.depths == 0)
    view.colors.sum().backward()
    assert empty[0].grad.shape == (0, 3)


def test_no_cameras() -> None:
    gaussians, (viewmats, Ks) = scene()
    parameters = leaves(gaussians)
    view = rasterize(*parameters, viewmats[:0], Ks[:0], WIDTH, HEIGHT)
    assert view.colors.shape == (0, HEIGHT, WIDTH, 3)
    view.colors.sum().backward()
    assert torch.all(parameters[0].grad == 0)


def test_all_behind_the_camera() -> None:
    gaussians, cameras = scene()
    parameters = leaves(gaussians)
    with torch.no_grad():
        parameters[0][:, 2] = -parameters[0][:, 2].abs()
    view = rasterize(*parameters, *cameras, WIDTH, HEIGHT)
    view.colors.sum().backward()
    assert torch.all(view.alphas == 0)
    assert all(torch.all(parameter.grad == 0) for parameter in parameters)


@pytest.mark.parametrize("broken", ["nan", "inf", "-inf"])
@pytest.mark.parametrize("argument", range(5), ids=NAMES)
def test_values_that_are_not_finite_hide_their_gaussian(argument: int, broken: str) -> None:
    gaussians, cameras = scene()
    spoilt = [g.clone() for g in gaussians]
    spoilt[argument].reshape(50, -1)[20:35, 0] = float(broken)
    parameters = leaves(spoilt)
    view = rasterize(*parameters, *cameras, WIDTH, HEIGHT)
    view.colors.square().sum().backward()
    if argument == 3 and broken == "inf":  # any opacity above 1 counts as 1
        spoilt[3] = spoilt[3].clamp(max=1.0)
        assert torch.equal(view.colors, rasterize(*spoilt, *cameras, WIDTH, HEIGHT).colors)
        return
    others = torch.cat([torch.arange(20), torch.arange(35, 50)])
    expected = rasterize(*(g[others] for g in gaussians), *cameras, WIDTH, HEIGHT)
    assert torch.equal(view.colors, expected.colors)
    for parameter in parameters:
        assert torch.all(parameter.grad[20:35] == 0)
        assert bool(torch.isfinite(parameter.grad).all())


def test_not_finite_harmonics_hide_their_gaussian() -> None:
    gaussians, cameras = scene()
    coefficients = torch.zeros(50, 4, 3)
    spoilt = gaussians[0].clone()
    spoilt[7] = torch.nan
    parameters = leaves([spoilt, *gaussians[1:4], coefficients])
    view = rasterize(*parameters, *cameras, WIDTH, HEIGHT, sh_degree=1)
    view.colors.square().sum().backward()
    assert bool(torch.isfinite(view.colors).all())
    assert all(bool(torch.isfinite(parameter.grad).all()) for parameter in parameters)


def test_quaternions_without_length_hide_their_gaussian() -> None:
    gaussians, cameras = scene()
    gaussians[1][:10] = 0.0
    view = rasterize(*gaussians, *cameras, WIDTH, HEIGHT)
    assert not bool(view.info.visible[0, :10].any())
    assert bool(torch.isfinite(view.colors).all())


@pytest.mark.parametrize("size", [1e4, 1e12, 1e25])
def test_huge_scales(size: float) -> None:
    gaussians, cameras = scene()
    gaussians[2][:5] = size
    parameters = leaves(gaussians)
    view = rasterize(*parameters, *cameras, WIDTH, HEIGHT)
    view.colors.sum().backward()
    assert bool(torch.isfinite(view.colors).all())
    assert bool(torch.isfinite(view.alphas).all())
    assert bool(((view.alphas >= 0.0) & (view.alphas <= 1.0 + 1e-6)).all())


def test_tiny_scales_are_dots_of_the_dilation() -> None:
    gaussians, cameras = scene()
    gaussians[2][:] = 0.0
    parameters = leaves(gaussians)
    view = rasterize(*parameters, *cameras, WIDTH, HEIGHT)
    view.colors.sum().backward()
    assert float(view.alphas.detach().max()) > 0.1
    assert all(bool(torch.isfinite(parameter.grad).all()) for parameter in parameters)


def test_one_pixel() -> None:
    gaussians, (viewmats, _) = scene()
    K = torch.tensor([[[1.0, 0, 0.5], [0, 1.0, 0.5], [0, 0, 1]]])
    parameters = leaves(gaussians)
    view = rasterize(*parameters, viewmats, K, 1, 1)
    view.colors.sum().backward()
    assert view.colors.shape == (1, 1, 1, 3)
    assert float(view.alphas.detach()) > 0.1


def test_views_and_other_dtypes_are_accepted() -> None:
    gaussians, cameras = scene()
    expected = rasterize(*gaussians, *cameras, WIDTH, HEIGHT)
    strided = [g.repeat_interleave(2, dim=0)[::2] for g in gaussians]
    strided[0] = strided[0].T.contiguous().T
    assert not strided[0].is_contiguous()
    view = rasterize(*strided, cameras[0].double(), cameras[1].double(), WIDTH, HEIGHT)
    assert torch.equal(view.colors, expected.colors)
    double = rasterize(*(g.double() for g in gaussians), *cameras, WIDTH, HEIGHT)
    assert double.colors.dtype == torch.float64
    torch.testing.assert_close(double.colors.float(), expected.colors, rtol=0, atol=1e-5)


def test_opacity_above_one_counts_as_one() -> None:
    gaussians, cameras = scene()
    gaussians[3][:] = 1.0
    expected = rasterize(*gaussians, *cameras, WIDTH, HEIGHT)
    gaussians[3][:] = 7.0
    assert torch.equal(rasterize(*gaussians, *cameras, WIDTH, HEIGHT).colors, expected.colors)


@pytest.mark.parametrize(
    ("argument", "shape", "message"),
    [
        (0, (50, 4), "means"),
        (1, (50, 3), "quats"),
        (2, (49, 3), "scales"),
        (3, (50, 1), "opacities"),
        (4, (50, 9), "1 to 8 channels"),
        (4, (50, 0), "1 to 8 channels"),
        (4, (50,), "colors"),
    ],
)
def test_wrong_gaussian_shapes(argument: int, shape: tuple[int, ...], message: str) -> None:
    gaussians, cameras = scene()
    gaussians[argument] = torch.ones(shape)
    with pytest.raises(ValueError, match=message):
        rasterize(*gaussians, *cameras, WIDTH, HEIGHT)


def test_wrong_cameras_and_options() -> None:
    gaussians, (viewmats, Ks) = scene()
    with pytest.raises(ValueError, match="viewmats"):
        rasterize(*gaussians, viewmats[0], Ks, WIDTH, HEIGHT)
    with pytest.raises(ValueError, match="Ks"):
        rasterize(*gaussians, viewmats, Ks.repeat(2, 1, 1), WIDTH, HEIGHT)
    with pytest.raises(ValueError, match="viewmats must be finite"):
        rasterize(*gaussians, viewmats * torch.nan, Ks, WIDTH, HEIGHT)
    with pytest.raises(ValueError, match="0 x 30"):
        rasterize(*gaussians, viewmats, Ks, 0, HEIGHT)
    with pytest.raises(ValueError, match="background"):
        rasterize(*gaussians, viewmats, Ks, WIDTH, HEIGHT, background=torch.ones(4))
    with pytest.raises(ValueError, match="depth_mode"):
        rasterize(*gaussians, viewmats, Ks, WIDTH, HEIGHT, depth_mode="median")
    with pytest.raises(ValueError, match="float32 or float64"):
        rasterize(gaussians[0].half(), *gaussians[1:], viewmats, Ks, WIDTH, HEIGHT)
    with pytest.raises(ValueError, match="sh_degree"):
        rasterize(*gaussians, viewmats, Ks, WIDTH, HEIGHT, sh_degree=4)
    with pytest.raises(ValueError, match="K >= 4"):
        rasterize(*gaussians, viewmats, Ks, WIDTH, HEIGHT, sh_degree=1)


def test_too_many_overlaps_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    gaussians, cameras = scene()
    monkeypatch.setattr(binning, "ENTRIES_MAX", 10)
    with pytest.raises(LivescapeError, match="overlap too much") as error:
        rasterize(*gaussians, *cameras, WIDTH, HEIGHT)
    assert error.value.code == "scene_too_dense"
