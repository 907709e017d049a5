"""Layers to Gaussians that optimisation can start from: covered, within budget, of three kinds."""

import numpy as np
import pytest
from tests.points.support import camera, everywhere, layer, layered, slanted_depth, texture

from livescape.cameras.projection import project_points
from livescape.evaluate.metrics import psnr
from livescape.gaussians.render import render
from livescape.points.assemble import (
    MOVING_SKY,
    MOVING_SURFACE,
    STATIC,
    UNDERLAY,
    UNDERLAY_DEPTH,
    assemble,
)

WIDTH, HEIGHT = 96, 64
VIEW = camera(WIDTH, HEIGHT, 90.0)


def world():
    """A wall whose lower left moves, and a sky above that moves."""
    columns, rows = np.meshgrid(np.arange(WIDTH), np.arange(HEIGHT))
    sky = rows < 24
    river = ((rows > 40) & (columns < 40)).astype(float)
    front = layer(np.full((HEIGHT, WIDTH), 6.0), valid=~sky, moving=river)
    plate = layer(np.full((HEIGHT, WIDTH), 200.0), "sky", rows < 30, moving=(rows < 30) * 0.9)
    return layered(front, plate, view=VIEW)


def cost(scene):
    return int(scene.costs.sum())


@pytest.mark.parametrize("budget", [1500, 4000])
def test_the_budget_counts_all_copies_of_what_moves(budget):
    scene = assemble(world(), everywhere(world()), budget)
    assert len(scene.gaussians) == len(scene.kind)
    assert 0.9 * budget < cost(scene) <= budget


def test_each_kind_lies_where_it_belongs():
    scene = assemble(world(), everywhere(world()), 4000)
    for kind, depth, inside in (
        (MOVING_SURFACE, 6.0, lambda u, v: (v > 41) & (u < 40)),
        (MOVING_SKY, 200.0, lambda u, v: v < 30),
    ):
        positions, z = project_points(scene.only(kind).means, VIEW)
        u, v = positions.T
        assert len(u)
        assert inside(u, v).all()
        np.testing.assert_allclose(z, depth, rtol=1e-4)
    positions, z = project_points(scene.only(STATIC).means, VIEW)
    np.testing.assert_allclose(z, 6.0, rtol=1e-4)
    positions, z = project_points(scene.only(UNDERLAY).means, VIEW)
    u, v = positions.T
    depths = np.unique(np.round(z, 2))
    np.testing.assert_allclose(depths, [6.0 * UNDERLAY_DEPTH, 200.0 * UNDERLAY_DEPTH])
    under = np.isclose(z, 6.0 * UNDERLAY_DEPTH, atol=0.005)
    assert ((v > 41) & (u < 40))[under].all()


def test_what_lies_under_the_water_is_closed():
    photo = world()
    alpha = render(assemble(photo, everywhere(photo), 4000).only(UNDERLAY), VIEW).alpha
    moves = np.any([layer.valid & (layer.moving > 0.1) for layer in photo.layers], axis=0)
    assert np.quantile(alpha[moves], 0.05) > 0.95


def test_what_moves_is_closed_by_itself_to_begin_with():
    photo = world()
    moving = assemble(photo, everywhere(photo), 4000).only(MOVING_SURFACE, MOVING_SKY)
    moves = np.any([layer.valid & (layer.moving > 0.1) for layer in photo.layers], axis=0)
    assert render(moving, VIEW).alpha[moves].mean() > 0.95


def test_before_any_optimisation_the_scene_already_looks_like_the_photo():
    front = layer(slanted_depth(VIEW, (0.0, 0.4, 1.0), 5.0))
    photo = layered(front, view=VIEW)
    scene = assemble(photo, everywhere(photo), 6000)
    view = render(scene.gaussians, VIEW)
    assert psnr(view.image, texture(HEIGHT, WIDTH)) > 22.0
    assert np.quantile(view.alpha, 0.02) > 0.9  # no cracks


def test_the_same_layers_give_the_same_gaussians():
    first, second = (assemble(world(), everywhere(world()), 2000) for _ in range(2))
    for name, values in vars(first.gaussians).items():
        np.testing.assert_array_equal(values, getattr(second.gaussians, name))
