"""A view as a linear map of colours, and its transpose."""

import pytest
import torch
from tests.gaussians.test_zoom import PHOTO, wall

from livescape.gaussians.linear_view import LinearView


@pytest.fixture
def view():
    return LinearView(wall(), PHOTO, "cpu")


def random(*shape, seed):
    return torch.rand(*shape, generator=torch.Generator().manual_seed(seed))


def test_given_is_the_transpose_of_blended_as_often_as_it_is_asked(view):
    for seed in (1, 2, 3):
        colors, weights = random(len(wall()), 3, seed=seed), random(48, 64, 3, seed=seed + 9)
        picture = view.blended(colors).double()
        torch.testing.assert_close(
            (picture * weights).sum(), (view.given(weights).double() * colors).sum()
        )


def test_alpha_is_the_picture_of_what_is_white(view):
    torch.testing.assert_close(view.alpha, view.blended(torch.ones(len(wall()), 3)))
    assert not view.alpha.requires_grad
