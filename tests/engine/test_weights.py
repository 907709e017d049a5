"""What Gaussians give to a picture, listed, is what drawing and its gradient say."""

from __future__ import annotations

import pytest
import torch
from tests.engine.scenes import random_scene, relative_error

from livescape.engine.weights import View, blending_weights, cpu, cuda

WIDTH, HEIGHT = 70, 41
"""Neither is a multiple of a block's."""


def both(count, **scene):
    (*gaussians, _), (viewmats, Ks) = random_scene(count, WIDTH, HEIGHT, **scene)
    view = View(*gaussians, viewmats[0], Ks[0], WIDTH, HEIGHT)
    return cpu.Weights(view), cuda.Weights(view)


@pytest.mark.parametrize(
    "scene", [{}, {"size": 20.0, "opacity_bias": 3.0}], ids=["small", "large and opaque"]
)
def test_listed_and_drawn_are_alike(scene):
    listed, drawn = both(3000, **scene)
    generator = torch.Generator().manual_seed(1)
    colors = torch.rand(3000, 3, generator=generator)
    picture = torch.rand(HEIGHT, WIDTH, 3, generator=generator) - 0.5
    assert relative_error(listed.blended(colors), drawn.blended(colors)) < 1e-6
    assert relative_error(listed.given(picture), drawn.given(picture)) < 1e-5


def test_opacities_above_one_count_as_one():
    (*gaussians, opacities, colors), (viewmats, Ks) = random_scene(300, WIDTH, HEIGHT)
    for form in (cpu, cuda):
        pictures = [
            form.Weights(View(*gaussians, each, viewmats[0], Ks[0], WIDTH, HEIGHT)).blended(colors)
            for each in (opacities + 1.0, torch.ones_like(opacities), opacities)
        ]
        assert torch.equal(pictures[0], pictures[1])
        assert not torch.equal(pictures[1], pictures[2])


def test_what_is_not_seen_gives_nothing():
    listed, drawn = both(60)
    ones = torch.ones(HEIGHT, WIDTH, 3)
    unseen = (drawn.given(ones) == 0).all(dim=1)
    assert 0 < unseen.sum() < 60
    assert torch.equal((listed.given(ones) == 0).all(dim=1), unseen)


def test_a_camera_that_sees_none_has_a_black_picture():
    (*gaussians, colors), (viewmats, Ks) = random_scene(20, WIDTH, HEIGHT)
    gaussians[0] = gaussians[0] - torch.tensor([0.0, 0.0, 1000.0])
    weights = blending_weights(View(*gaussians, viewmats[0], Ks[0], WIDTH, HEIGHT))
    assert not weights.blended(colors).any()
    assert not weights.given(torch.ones(HEIGHT, WIDTH, 3)).any()
