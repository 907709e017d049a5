"""Layers to Gaussians that optimisation can start from: covered, within budget, of three kinds."""

import numpy as np
import pytest
from tests.points.support import camera, copied, everywhere, layer, layered, slanted_depth, texture

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


def assembled(photo, budget, copies=None):
    """The Gaussians alone."""
    return assemble(photo, everywhere(photo), copies or copied(photo), budget).scene


@pytest.mark.parametrize("budget", [1500, 4000])
def test_the_budget_counts_all_copies_of_what_moves(budget):
    some = [own.copy() for own in copied(world(), 1)]
    some[0][:, :20] = 2
    counts = []
    for copies in (copied(world(), 1), some, copied(world(), 2)):
        scene, costs, _ = assemble(world(), everywhere(world()), copies, budget)
        assert len(scene.gaussians) == len(scene.kind) == len(costs)
        assert 0.9 * budget < costs.sum() <= budget
        assert (costs[~scene.moves] == 1).all()
        counts.append(len(costs))
    assert counts == sorted(counts, reverse=True)
    scene, costs, _ = assemble(world(), everywhere(world()), some, budget)
    u, _ = project_points(scene.gaussians.means, VIEW)[0].T
    np.testing.assert_array_equal(costs == 2, (scene.kind == MOVING_SURFACE) & (np.floor(u) < 20))


@pytest.mark.parametrize("budget", [6, 40, 150, 400])
def test_no_budget_is_exceeded_however_many_edges_there_are(budget):
    columns, rows = np.meshgrid(np.arange(WIDTH), np.arange(HEIGHT))
    dots = (columns % 5 < 2) & (rows % 7 < 3)
    front = layer(np.full((HEIGHT, WIDTH), 6.0), valid=dots, moving=(columns < 40) * 1.0)
    plate = layer(np.full((HEIGHT, WIDTH), 200.0), "sky")
    photo = layered(front, plate, view=VIEW)
    scene, costs, _ = assemble(photo, everywhere(photo), copied(photo), budget)
    assert 0 < costs.sum() <= budget
    sky = scene.gaussians.means[:, 2] > 100.0
    assert sky.any()
    positions, _ = project_points(scene.gaussians.means[sky], VIEW)
    np.testing.assert_allclose(positions.mean(axis=0), (WIDTH / 2, HEIGHT / 2), atol=4.0)


def test_each_kind_lies_where_it_belongs():
    scene = assembled(world(), 4000)
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


def test_what_stands_may_be_of_all_shades_that_the_photo_shows_there_and_the_rest_of_its_own():
    hidden = layer(np.full((HEIGHT, WIDTH), 9.0), "behind", image=texture(HEIGHT, WIDTH, 5))
    front, plate = world().layers
    photo = layered(front, hidden, plate, view=VIEW)
    scene, _, shades = assemble(photo, everywhere(photo), copied(photo), 4000)
    spread = (shades[:, 1] - shades[:, 0]).max(axis=1)
    places, z = project_points(scene.gaussians.means, VIEW)
    near = (scene.kind == STATIC) & np.isclose(z, 6.0, rtol=1e-3)
    behind = np.isclose(z, 9.0, rtol=1e-3)
    shown = behind & (places[:, 1] < 24)  # above the wall, which hides the rest of it
    assert (spread[near] > 0.0).all()
    assert (spread[shown] > 0.0).all()
    assert not spread[behind & (places[:, 1] > 28)].any()
    assert not spread[scene.moves | (scene.kind == UNDERLAY)].any()
    own = scene.gaussians.colors
    assert ((shades[:, 0] <= own + 1e-6) & (own <= shades[:, 1] + 1e-6)).all()


def test_what_lies_under_the_water_is_closed():
    photo = world()
    alpha = render(assembled(photo, 4000).only(UNDERLAY), VIEW).alpha
    moves = np.any([layer.valid & (layer.moving > 0.1) for layer in photo.layers], axis=0)
    assert np.quantile(alpha[moves], 0.05) > 0.95


def test_what_moves_is_closed_by_itself_to_begin_with():
    photo = world()
    moving = assembled(photo, 4000).only(MOVING_SURFACE, MOVING_SKY)
    moves = np.any([layer.valid & (layer.moving > 0.1) for layer in photo.layers], axis=0)
    assert render(moving, VIEW).alpha[moves].mean() > 0.95


def test_before_any_optimisation_the_scene_already_looks_like_the_photo():
    front = layer(slanted_depth(VIEW, (0.0, 0.4, 1.0), 5.0))
    photo = layered(front, view=VIEW)
    scene = assembled(photo, 6000)
    view = render(scene.gaussians, VIEW)
    assert psnr(view.image, texture(HEIGHT, WIDTH)) > 22.0
    assert np.quantile(view.alpha, 0.02) > 0.9  # no cracks


def test_the_same_layers_give_the_same_gaussians():
    first, second = (assembled(world(), 2000) for _ in range(2))
    for name, values in vars(first.gaussians).items():
        np.testing.assert_array_equal(values, getattr(second.gaussians, name))
