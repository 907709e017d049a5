"""Density control: what leaves, what merges, what is split, and that the budget holds."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch
from tests.gaussians.terrain import TerrainSet, terrain_set
from tests.gaussians.test_merge import pixels_of, wall

from livescape.engine.rasterize.types import RasterInfo
from livescape.evaluate.metrics import psnr
from livescape.gaussians.adam import Adam
from livescape.gaussians.adaptive import AdaptiveSet
from livescape.gaussians.density import Change, DensityControl, Observations, change_of_density
from livescape.gaussians.optimise import FitSettings, fit
from livescape.gaussians.parameters import GaussianParameters
from livescape.gaussians.render import render
from livescape.gaussians.view_loss import prepared_view
from livescape.gaussians.visibility import in_frame
from livescape_shared.gaussians import Gaussians

WIDTH, HEIGHT = 96, 54
EYE = np.zeros(3)
TRAIN, HELD_OUT = [0, 2, 3, 5, 6, 8], [4, 7]


@pytest.fixture(scope="module")
def terrain() -> TerrainSet:
    return terrain_set(WIDTH, HEIGHT, truth=12_500, initial=2_000)


def control(given: Gaussians, budget: int | None = None, **changes) -> DensityControl:
    count = len(given)
    plain = DensityControl(
        budget=count if budget is None else budget,
        groups=np.zeros(count, np.uint8),
        costs=np.ones(count, np.int64),
        largest_radius=60.0,
    )
    return replace(plain, **changes)


def observed(gradient, radius=6.0) -> Observations:
    """What one view says that shows every Gaussian."""
    count = len(gradient)
    means2d = torch.zeros(1, count, 2)
    means2d.absgrad = torch.from_numpy(np.stack([gradient, 0 * gradient], 1)[None])
    radii = torch.as_tensor(np.broadcast_to(radius, count).astype(np.int32).copy())
    nothing = torch.zeros(1, count)
    info = RasterInfo(means2d, radii[None, :, None].repeat(1, 1, 2), nothing, nothing, nothing)
    seen = Observations(count, "cpu")
    seen.add([info])
    return seen


def test_the_busiest_are_split_and_the_flat_pay_for_them() -> None:
    given = wall()
    gradient = np.full(len(given), 0.1, np.float32)
    gradient[:50] = 10.0
    change = change_of_density(given, observed(gradient), pixels_of(given), control(given), 0, EYE)
    split = np.setdiff1d(np.arange(50), change.kept)
    assert len(split) > 30
    assert set(split) <= set(change.parents)
    assert len(change.kept) + len(change.added) <= len(given)
    assert len(change.parents) == len(change.added)
    gone = np.setdiff1d(np.arange(len(given)), change.kept)
    assert len(gone) == len(np.unique(gone))
    merged = np.setdiff1d(gone, split)
    assert len(merged) == 2 * (len(change.added) - 2 * len(split))


def test_faint_and_huge_ones_leave_and_what_they_cost_is_spent() -> None:
    given = wall()
    opacities = given.opacities.copy()
    opacities[[7, 8]] = 0.001
    radius = np.full(len(given), 6.0)
    radius[[20, 21, 22]] = 61.0
    spoilt = replace(given, opacities=opacities)
    gradient = np.linspace(0.0, 1.0, len(given)).astype(np.float32) ** 8
    only = control(given, merge_share=0.0)
    change = change_of_density(spoilt, observed(gradient, radius), pixels_of(given), only, 0, EYE)
    assert not np.isin([7, 8, 20, 21, 22], change.kept).any()
    assert len(change.added) == 2 * 5
    assert set(change.parents) == set(range(len(given) - 5, len(given)))


def test_what_no_view_shows_is_left_as_it_is() -> None:
    """It has no gradient either, but nobody has looked."""
    given = wall()
    gradient = np.full(len(given), 0.1, np.float32)
    gradient[:50] = 10.0
    radius = np.full(len(given), 6.0)
    hidden = np.arange(len(given) // 2, len(given))
    gradient[hidden], radius[hidden] = 0.0, 0.0
    change = change_of_density(
        given, observed(gradient, radius), pixels_of(given), control(given), 0, EYE
    )
    assert len(change.added) > 0
    assert set(hidden) <= set(change.kept)


def test_expensive_ones_are_counted_as_they_are() -> None:
    given = wall()
    gradient = np.random.default_rng(0).random(len(given)).astype(np.float32) ** 6
    costs = np.where(np.arange(len(given)) % 3 == 0, 2, 1)
    groups = (costs == 2).astype(np.uint8)
    budget = int(costs.sum()) + 11
    asked = control(given, budget, costs=costs, groups=groups)
    change = change_of_density(given, observed(gradient), pixels_of(given), asked, 1, EYE)
    after = costs[np.concatenate([change.kept, change.parents])].sum()
    assert budget - 2 < after <= budget


def test_over_the_budget_nothing_is_split() -> None:
    given = wall()
    gradient = np.random.default_rng(0).random(len(given)).astype(np.float32) ** 6
    tight = control(given, budget=len(given) // 2)
    change = change_of_density(given, observed(gradient), pixels_of(given), tight, 0, EYE)
    assert len(change.kept) + len(change.added) < len(given)
    assert len(change.added) == len(np.unique(change.parents))  # merged ones only


def test_a_large_set_is_no_problem() -> None:
    given = wall(600, 400)
    gradient = np.random.default_rng(0).random(len(given)).astype(np.float32) ** 4
    change = change_of_density(given, observed(gradient), pixels_of(given), control(given), 0, EYE)
    assert len(change.kept) + len(change.added) <= 240_000
    assert len(change.added) > 30_000


def mean_psnr(gaussians: Gaussians, terrain: TerrainSet, chosen: list[int]) -> float:
    scores = (psnr(render(gaussians, terrain.cameras[i]).image, terrain.images[i]) for i in chosen)
    return float(np.mean(list(scores)))


def test_a_fit_is_better_and_keeps_to_its_budget(terrain: TerrainSet) -> None:
    views, settings = terrain.views(TRAIN), FitSettings(iterations=60)
    groups = (terrain.initial.means[:, 0] > 0).astype(np.uint8)
    asked = control(terrain.initial, 2_500, groups=groups)
    plain = fit(terrain.initial, views, settings)
    np.testing.assert_array_equal(plain.sources, np.arange(2_000))
    shaped = fit(terrain.initial, views, settings, density=asked)
    assert len(shaped.gaussians) == len(shaped.sources) <= 2_500
    assert len(shaped.gaussians) > 2_100
    assert mean_psnr(shaped.gaussians, terrain, HELD_OUT) > mean_psnr(
        plain.gaussians, terrain, HELD_OUT
    )
    # What comes of a Gaussian lies where it was, so rows of the caller's own stay right.
    moved = shaped.gaussians.means - terrain.initial.means[shaped.sources]
    size = terrain.initial.scales[shaped.sources].max(axis=1)
    assert np.quantile(np.linalg.norm(moved, axis=1) / size, 0.99) < 12.0


def test_the_same_input_gives_the_same_bits(terrain: TerrainSet) -> None:
    views, settings = terrain.views([0, 6]), FitSettings(iterations=12)
    asked = control(terrain.initial, 2_500, least_iterations=1, rounds=(0.3, 0.6))
    first, second = (fit(terrain.initial, views, settings, density=asked) for _ in range(2))
    assert not np.array_equal(first.sources, np.arange(2_000))
    np.testing.assert_array_equal(first.sources, second.sources)
    for name, values in vars(first.gaussians).items():
        np.testing.assert_array_equal(values, getattr(second.gaussians, name))


def test_short_fits_keep_their_set(terrain: TerrainSet) -> None:
    result = fit(
        terrain.initial,
        terrain.views([0]),
        FitSettings(iterations=10),
        density=control(terrain.initial, 4_500),
    )
    np.testing.assert_array_equal(result.sources, np.arange(2_000))


def test_those_that_stay_keep_their_values_and_adams_moments(terrain: TerrainSet) -> None:
    parameters = GaussianParameters.from_gaussians(terrain.initial)
    names = ["offsets", "turns", "log_scales", "logits", "colors"]
    optimiser = Adam(dict.fromkeys(names, 0.01), dict.fromkeys(names, 1e-8))
    for name in names:
        leaf = getattr(parameters, name)
        leaf.grad = torch.randn(leaf.shape, generator=torch.Generator().manual_seed(0))
    optimiser.step(parameters)
    view = prepared_view(terrain.views([0])[0], "cpu")
    shaped = AdaptiveSet(parameters, optimiser, None, [view], 90, 1)
    rows = np.arange(0, 2_000, 3)
    kept = torch.from_numpy(rows)
    before = dict(optimiser.moments)
    changed = shaped._replaced(Change(rows, terrain.initial[np.arange(50)], np.arange(50)))
    assert set(optimiser.moments) == set(names)
    for name in names:
        leaf, own = getattr(changed, name), optimiser.moments[name]
        assert leaf.requires_grad
        assert torch.equal(leaf[: len(kept)], getattr(parameters, name)[kept])
        assert len(own.first) == len(leaf) == len(kept) + 50
        assert torch.equal(own.first[: len(kept)], before[name].first[kept])
        assert torch.equal(own.second[: len(kept)], before[name].second[kept])
        assert own.first[: len(kept)].any()
        assert not own.first[len(kept) :].any()
        assert own.steps == 1
    assert torch.equal(changed.means()[: len(kept)], parameters.means()[kept])


def test_in_frame_is_what_the_rasteriser_draws(terrain: TerrainSet) -> None:
    rng = np.random.default_rng(0)
    around = Gaussians(
        means=rng.uniform([-20, -20, -5], [20, 20, 20], (3000, 3)),
        quats=np.tile([1.0, 0, 0, 0], (3000, 1)),
        scales=np.full((3000, 3), 0.05),
        opacities=np.full(3000, 0.9),
        colors=np.full((3000, 3), 0.5),
    )
    camera = terrain.cameras[0]
    seen = in_frame(around, [camera])
    assert 20 < seen.sum() < 1500
    shown = render(around, camera).image
    np.testing.assert_allclose(render(around[seen], camera).image, shown, atol=1e-6)
    assert not render(around[~seen], camera).alpha.any()
    every = in_frame(around, terrain.cameras)
    assert (every >= seen).all()
    assert in_frame(around, []).sum() == 0
