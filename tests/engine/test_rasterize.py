"""What `rasterize` promises beyond the engines: batches, backgrounds, depth modes, absgrad."""

from __future__ import annotations

import pytest
import torch
from tests.engine.scenes import leaves, random_scene

from livescape.engine.rasterize import rasterize
from livescape.engine.rasterize.reference import blend_one, project_one, world_covariances
from livescape.engine.rasterize.types import RasterOptions

WIDTH, HEIGHT = 70, 45


def test_a_batch_is_its_cameras_one_by_one() -> None:
    gaussians, (viewmats, Ks) = random_scene(500, WIDTH, HEIGHT, cameras=3)
    together = leaves(gaussians)
    batch = rasterize(*together, viewmats, Ks, WIDTH, HEIGHT)
    batch.colors.square().sum().backward()
    alone = leaves(gaussians)
    for b in range(3):
        one = rasterize(*alone, viewmats[b : b + 1], Ks[b : b + 1], WIDTH, HEIGHT)
        one.colors.square().sum().backward()
        assert torch.equal(one.colors[0], batch.colors[b])
        assert torch.equal(one.depths[0], batch.depths[b])
        assert torch.equal(one.info.radii[0], batch.info.radii[b])
    for a, b in zip(together, alone, strict=True):
        torch.testing.assert_close(a.grad, b.grad, rtol=1e-4, atol=1e-6)


def test_background_shows_where_light_is_left() -> None:
    gaussians, cameras = random_scene(60, WIDTH, HEIGHT, cameras=2)
    black = rasterize(*gaussians, *cameras, WIDTH, HEIGHT)
    color = torch.tensor([[0.1, 0.9, 0.4], [1.0, 0.0, 0.5]])
    over = rasterize(*gaussians, *cameras, WIDTH, HEIGHT, background=color)
    expected = black.colors + (1.0 - black.alphas) * color[:, None, None]
    torch.testing.assert_close(over.colors, expected)
    shared = rasterize(*gaussians, *cameras, WIDTH, HEIGHT, background=color[0])
    torch.testing.assert_close(shared.colors[0], over.colors[0])


def test_depth_modes() -> None:
    gaussians, cameras = random_scene(60, WIDTH, HEIGHT)
    expected = rasterize(*gaussians, *cameras, WIDTH, HEIGHT)
    accumulated = rasterize(*gaussians, *cameras, WIDTH, HEIGHT, depth_mode="accumulated")
    hit = accumulated.alphas > 0
    assert 0 < int(hit.sum()) < hit.numel()
    torch.testing.assert_close(
        expected.depths[hit], accumulated.depths[hit] / accumulated.alphas[hit]
    )
    assert torch.all(expected.depths[~hit] == 0)
    near, far = gaussians[0][:, 2].abs().min(), gaussians[0][:, 2].max()
    assert torch.all((expected.depths[hit] > 0.999 * near) & (expected.depths[hit] < 1.001 * far))


def test_degree_zero_harmonics_are_plain_colors() -> None:
    gaussians, cameras = random_scene(200, WIDTH, HEIGHT)
    coefficients = (gaussians[4] - 0.5)[:, None] / 0.28209479177387814
    plain = rasterize(*gaussians, *cameras, WIDTH, HEIGHT)
    harmonic = rasterize(*gaussians[:4], coefficients, *cameras, WIDTH, HEIGHT, sh_degree=0)
    torch.testing.assert_close(harmonic.colors, plain.colors, rtol=0, atol=1e-6)


def test_harmonics_depend_on_the_side_seen() -> None:
    """A Gaussian that is red from -x and green from +x, seen from both sides."""
    coefficients = torch.zeros(1, 4, 3)
    coefficients[0, 3] = torch.tensor([-1.0, 1.0, 0.0])  # the basis is -0.4886 x of the direction
    viewmats = torch.zeros(2, 4, 4)
    for b, side in enumerate((-1.0, 1.0)):  # camera at (4 side, 0, 0) looking at the origin
        viewmats[b, :3, :3] = torch.tensor([[0, 0, side], [0, 1, 0], [-side, 0, 0]])
        viewmats[b, 2, 3] = 4.0
        viewmats[b, 3, 3] = 1.0
    K = torch.tensor([[20.0, 0, 4.5], [0, 20.0, 4.5], [0, 0, 1]]).repeat(2, 1, 1)
    view = rasterize(
        torch.zeros(1, 3),
        torch.tensor([[1.0, 0, 0, 0]]),
        torch.full((1, 3), 0.5),
        torch.tensor([0.9]),
        coefficients,
        viewmats,
        K,
        9,
        9,
        sh_degree=1,
    )
    left, right = view.colors[:, 4, 4]
    torch.testing.assert_close(left, 0.9 * torch.tensor([0.9886, 0.0114, 0.5]), atol=1e-4, rtol=0)
    torch.testing.assert_close(right, 0.9 * torch.tensor([0.0114, 0.9886, 0.5]), atol=1e-4, rtol=0)


def test_absgrad_sums_absolute_pixel_gradients() -> None:
    width, height = 14, 9
    gaussians, cameras = random_scene(12, width, height, size=5.0, dtype=torch.float64)
    parameters = leaves(gaussians)
    view = rasterize(*parameters, *cameras, width, height, absgrad=True)
    view.info.means2d.retain_grad()
    view.colors.sum().backward()
    options = RasterOptions(width, height)
    means, quats, scales, opacities, colors = gaussians
    covariances = world_covariances(quats, scales)
    means2d, *rest = project_one(means, covariances, opacities, *(c[0] for c in cameras), options)
    means2d.requires_grad_()
    pixels = blend_one(means2d, *rest, colors, options)[0].sum(dim=-1).flatten()
    per_pixel = torch.stack(
        [torch.autograd.grad(pixel, means2d, retain_graph=True)[0] for pixel in pixels]
    )
    torch.testing.assert_close(view.info.means2d.grad[0], per_pixel.sum(dim=0))
    torch.testing.assert_close(view.info.means2d.absgrad[0], per_pixel.abs().sum(dim=0))
    assert not torch.allclose(view.info.means2d.absgrad, view.info.means2d.grad.abs())


def test_depth_ties_are_drawn_in_index_order() -> None:
    means = torch.tensor([[0.0, 0.0, 2.0]]).repeat(3, 1)
    quats = torch.tensor([[1.0, 0.0, 0.0, 0.0]]).repeat(3, 1)
    K = torch.tensor([[[8.0, 0, 4], [0, 8.0, 4], [0, 0, 1]]])
    view = rasterize(
        means, quats, torch.ones(3, 3), torch.full((3,), 0.9), torch.eye(3), torch.eye(4)[None],
        K, 8, 8,
    )  # fmt: skip
    red, green, blue = view.colors[0, 4, 4].tolist()
    assert red > 5 * green > 25 * blue > 0


@pytest.mark.parametrize("near", [0.01, 3.0])
def test_near_plane_culls(near: float) -> None:
    gaussians, cameras = random_scene(400, WIDTH, HEIGHT)
    view = rasterize(*gaussians, *cameras, WIDTH, HEIGHT, near=near)
    depth = gaussians[0][:, 2]
    assert bool(view.info.visible[0].any())
    assert not bool(view.info.visible[0, depth < near].any())
