"""Gaussians that lie in a surface stay in it, and of about their size, whatever the views say."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from tests.gaussians.terrain import TerrainSet, terrain_set

from livescape.gaussians.density import DensityControl
from livescape.gaussians.optimise import FitSettings, fit
from livescape.gaussians.parameters import MOST_GROWTH, GaussianParameters
from livescape_shared.covariance import principal_axes
from livescape_shared.gaussians import Gaussians, rotation_matrices

VIEWS = [0, 2, 6, 8]
COUNT = 1500


@pytest.fixture(scope="module")
def terrain() -> TerrainSet:
    return terrain_set(96, 54, truth=12_000, initial=COUNT)


def discs(gaussians: Gaussians) -> Gaussians:
    """The same places with discs that lie any way, their shortest axis first."""
    rng = np.random.default_rng(4)
    axes = np.linalg.qr(rng.standard_normal((len(gaussians), 3, 3)))[0]
    sizes = np.sort(gaussians.scales.mean(axis=1))[:, None] * np.array([0.15, 0.8, 1.2])
    spread = axes * sizes[:, None, :]
    quats, scales = principal_axes((spread @ spread.transpose(0, 2, 1)).astype(np.float64))
    opacities = np.full(len(gaussians), 0.8)
    return Gaussians(gaussians.means, quats, scales, opacities, gaussians.colors)


def across(gaussians: Gaussians) -> NDArray[np.floating]:
    """Return [N, 3] the direction of the shortest axis at first."""
    return rotation_matrices(gaussians.quats)[..., 0]


@pytest.mark.parametrize("adaptive", [False, True])
def test_those_that_lie_in_a_surface_stay_in_it(terrain: TerrainSet, adaptive: bool) -> None:
    start = discs(terrain.initial)
    lying = np.arange(COUNT) % 2 == 0
    control = None
    if adaptive:
        ones = np.ones(COUNT, np.int64)
        control = DensityControl(
            budget=COUNT + 200, groups=lying.astype(np.uint8), costs=ones, largest_radius=1e3
        )
    settings = FitSettings(iterations=60)
    result = fit(start, terrain.views(VIEWS), settings, density=control, lying=lying)
    lies, own = lying[result.sources], start[result.sources]
    turned = np.abs((across(result.gaussians) * across(own)).sum(axis=1))
    size = own.scales.max(axis=1)
    if not adaptive:  # those that merge have their middle between two surfaces
        left = np.abs(((result.gaussians.means - own.means) * across(own)).sum(axis=1)) / size
        assert left[lies].max() < 1e-3
        assert np.quantile(left[~lies], 0.9) > 0.05
    assert turned[lies].min() > 1.0 - 1e-5
    assert np.quantile(turned[~lies], 0.1) < 0.99
    moved = np.linalg.norm(result.gaussians.means - own.means, axis=1) / size
    assert np.median(moved[lies]) > 0.05  # along it they are free
    if not adaptive:
        grown = (result.gaussians.scales / own.scales).max(axis=1)
        assert grown[lies].max() <= MOST_GROWTH * 1.001
        assert grown[~lies].max() > MOST_GROWTH


def test_what_flows_hardly_grows_whichever_way_it_turns(terrain: TerrainSet) -> None:
    start = discs(terrain.initial)
    flowing = np.arange(COUNT) % 2 == 0
    views = terrain.views(VIEWS)
    result = fit(start, views, FitSettings(iterations=60), flowing=flowing)
    grown = (result.gaussians.scales / start.scales).max(axis=1)
    turned = np.abs((across(result.gaussians) * across(start)).sum(axis=1))
    assert grown[flowing].max() <= MOST_GROWTH * 1.001
    assert grown[~flowing].max() > MOST_GROWTH
    assert np.quantile(turned[flowing], 0.1) < 0.99


def test_what_comes_of_what_flows_hardly_grows_either() -> None:
    given = long_discs()
    flowing = np.arange(len(given)) % 2 == 0
    parameters = GaussianParameters.from_gaussians(given, flowing=flowing)
    changed = parameters.changed(torch.arange(4, len(given)), given[:4], torch.arange(4))
    most = changed.most_log_scales.exp().numpy() / np.concatenate(
        [given[4:].scales, given[:4].scales]
    )
    expected = np.where(np.concatenate([flowing[4:], flowing[:4]])[:, None], MOST_GROWTH, np.inf)
    np.testing.assert_allclose(most, np.broadcast_to(expected, most.shape), rtol=1e-4)


def long_discs(count: int = 40) -> Gaussians:
    """Discs on the ground, ten times as long ahead as wide, each turned about its own normal."""
    rng = np.random.default_rng(5)
    axes = np.zeros((count, 3, 3))
    angle = rng.uniform(0, np.pi, count)
    axes[:, 1, 0] = 1.0
    axes[:, 0, 1], axes[:, 2, 1] = np.cos(angle), -np.sin(angle)
    axes[:, 0, 2], axes[:, 2, 2] = np.sin(angle), np.cos(angle)
    spread = axes * np.array([0.01, 0.1, 1.0])
    quats, scales = principal_axes(spread @ spread.transpose(0, 2, 1))
    means, colours = rng.standard_normal((count, 3)), rng.random((count, 3))
    return Gaussians(means, quats, scales, np.full(count, 0.8), colours)


def test_a_step_along_a_surface_is_as_large_a_part_of_the_disc_in_either_direction() -> None:
    given = long_discs()
    parameters = GaussianParameters.from_gaussians(given, lying=np.ones(len(given), bool))
    with torch.no_grad():
        parameters.offsets.add_(1.0)
        moved = (parameters.means() - parameters.origins).numpy()
    own = np.einsum("nji,nj->ni", rotation_matrices(given.quats), moved) / given.scales
    np.testing.assert_allclose(own[:, 0], 0.0, atol=1e-3)
    np.testing.assert_allclose(own[:, 1], own[:, 2], rtol=1e-3)


def test_what_is_split_goes_on_in_steps_of_the_size_that_it_had() -> None:
    given = long_discs()
    parameters = GaussianParameters.from_gaussians(given, lying=np.ones(len(given), bool))
    small = Gaussians(given.means, given.quats, 0.1 * given.scales, given.opacities, given.colors)[
        :4
    ]
    parents = torch.arange(4)
    changed = parameters.changed(torch.arange(4, len(given)), small, parents)
    assert torch.equal(changed.units[-4:], parameters.units[:4])
    assert torch.equal(changed.easing[-4:], parameters.easing[:4])


def test_gradients_lead_along_the_surface_alone() -> None:
    given = long_discs()
    parameters = GaussianParameters.from_gaussians(given, lying=np.ones(len(given), bool))
    weights = torch.from_numpy(np.random.default_rng(6).standard_normal((len(given), 4)))
    (parameters.quats() * weights).sum().backward()
    parameters.turn_gradients_into_surface()
    with torch.no_grad():
        parameters.turns.sub_(1e-3 * parameters.turns.grad)
        tilted = parameters.to_gaussians()
    turned = np.abs((across(tilted) * across(given)).sum(axis=1))
    assert turned.min() > 1.0 - 1e-6
    assert float(parameters.turns.grad.abs().max()) > 1e-3
