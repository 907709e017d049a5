"""Fitting Gaussians to views."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from tests.gaussians.terrain import TerrainSet, terrain_set

from livescape.evaluate.metrics import psnr
from livescape.gaussians.density import DensityControl
from livescape.gaussians.optimise import FitSettings, fit
from livescape.gaussians.parameters import GaussianParameters
from livescape.gaussians.render import render
from livescape.gaussians.view_loss import TrainingView, part_that_counts
from livescape_shared.camera import Camera
from livescape_shared.errors import Cancelled, LivescapeError
from livescape_shared.gaussians import Gaussians

WIDTH, HEIGHT = 128, 72
TRAIN, HELD_OUT = [0, 1, 2, 3, 5, 6, 8], [4, 7]


@pytest.fixture(scope="module")
def terrain() -> TerrainSet:
    return terrain_set(WIDTH, HEIGHT, truth=26_000, initial=6_500)


def mean_psnr(gaussians: Gaussians, terrain: TerrainSet, blend: str, chosen: list[int]) -> float:
    return float(
        np.mean(
            [
                psnr(render(gaussians, terrain.cameras[i], blend).image, terrain.images[i])
                for i in chosen
            ]
        )
    )


@pytest.mark.parametrize("blend", ["linear", "srgb"])
def test_a_poor_cloud_becomes_the_scene(terrain: TerrainSet, blend: str) -> None:
    settings = FitSettings(iterations=150, blend=blend)
    before = mean_psnr(terrain.initial, terrain, blend, TRAIN)
    result = fit(terrain.initial, terrain.views(TRAIN), settings)
    assert before < 15.0
    assert mean_psnr(result.gaussians, terrain, blend, TRAIN) > 30.0
    assert mean_psnr(result.gaussians, terrain, blend, HELD_OUT) > 28.0
    assert len(result.history) == 150
    assert np.mean(result.history[-10:]) < 0.3 * np.mean(result.history[:10])


def test_a_good_cloud_is_not_destroyed(terrain: TerrainSet) -> None:
    """One nearly opaque Gaussian per pixel of one view, as the pipeline starts from."""
    camera, image = terrain.cameras[0], terrain.images[0]
    rows, columns = np.mgrid[:HEIGHT, :WIDTH].reshape(2, -1)
    z = np.full(rows.size, 6.0)
    focal = camera.K[0, 0]
    x = (columns + 0.5 - camera.K[0, 2]) / focal * z - camera.viewmat[0, 3]
    y = (rows + 0.5 - camera.K[1, 2]) / focal * z - camera.viewmat[1, 3]
    dense = Gaussians(
        means=np.stack([x, y, z], axis=1),
        quats=np.tile([1.0, 0, 0, 0], (len(z), 1)),
        scales=np.tile([0.5, 0.5, 0.05], (len(z), 1)) * z[:, None] / focal,
        opacities=np.full(len(z), 0.95),
        colors=image.reshape(-1, 3),
    )
    view = [TrainingView(camera.viewmat, camera.K, image)]
    before = psnr(render(dense, camera).image, image)
    scores = []
    for iterations in (5, 30):
        fitted = fit(dense, view, FitSettings(iterations=iterations)).gaussians
        scores.append(psnr(render(fitted, camera).image, image))
    assert before > 25.0
    assert scores[0] > before - 1.0
    assert scores[1] > before + 3.0
    drift = np.linalg.norm(fitted.means - dense.means, axis=1)
    assert np.quantile(drift, 0.99) < 3.0 * 0.5 * 6.0 / focal  # three of its sizes


def test_same_bits_for_the_same_seed(terrain: TerrainSet) -> None:
    settings = FitSettings(iterations=6, seed=3)
    a = fit(terrain.initial, terrain.views(TRAIN), settings)
    b = fit(terrain.initial, terrain.views(TRAIN), settings)
    other = fit(terrain.initial, terrain.views(TRAIN), replace(settings, seed=4))
    assert a.history == b.history
    assert np.array_equal(a.gaussians.means, b.gaussians.means)
    assert a.history != other.history


def test_a_step_of_several_views_is_their_weighted_mean(terrain: TerrainSet) -> None:
    """Also where sizes differ, so that not all can be rendered together."""
    views = terrain.views([0, 3, 6])
    views[1] = replace(views[1], image=views[1].image[: HEIGHT // 2].copy(), weight=0.25)
    first = FitSettings(iterations=1)
    alone = [fit(terrain.initial, [view], first).history[0] for view in views]
    together = fit(terrain.initial, views, replace(first, views_per_step=8))
    assert together.history == pytest.approx([np.mean(alone)], rel=1e-6)
    assert together.history[0] != pytest.approx(np.mean(alone[::2]), rel=1e-2)


def test_more_views_a_step_fit_better_in_as_many_steps(terrain: TerrainSet) -> None:
    scores = []
    for views_per_step in (1, 4):
        settings = FitSettings(iterations=25, views_per_step=views_per_step)
        result = fit(terrain.initial, terrain.views(TRAIN), settings)
        assert len(result.history) == 25
        scores.append(mean_psnr(result.gaussians, terrain, "linear", HELD_OUT))
    assert scores[1] > scores[0]


def test_masked_and_weightless_views_teach_nothing(terrain: TerrainSet) -> None:
    view = terrain.views([0])[0]
    mask = np.zeros((HEIGHT, WIDTH), bool)
    mask[:, : WIDTH // 2] = True
    settings = FitSettings(iterations=10)
    given = terrain.initial
    half = fit(given, [replace(view, mask=mask)], settings).gaussians
    column = WIDTH / 2 + view.K[0, 0] * (given.means[:, 0] + 0.25) / given.means[:, 2]
    hidden, seen = column > WIDTH / 2 + 12, column < WIDTH / 2 - 12
    assert np.array_equal(half.colors[hidden], given.colors[hidden])
    assert np.array_equal(half.means[hidden], given.means[hidden])
    assert np.mean(np.any(half.colors[seen] != given.colors[seen], axis=1)) > 0.5
    still = fit(terrain.initial, [replace(view, weight=0.0)], settings).gaussians
    np.testing.assert_allclose(still.means, terrain.initial.means, atol=1e-7)
    np.testing.assert_allclose(still.opacities, terrain.initial.opacities, atol=1e-6)


def test_a_backdrop_is_seen_and_stays_as_it_is(terrain: TerrainSet) -> None:
    """Fitted before the finished scene, grey discs have nothing left to explain."""
    finished = fit(terrain.initial, terrain.views(TRAIN), FitSettings(iterations=60)).gaussians
    few = terrain.initial[:50]
    seen = fit(few, terrain.views(TRAIN), FitSettings(iterations=3), backdrop=finished)
    alone = fit(few, terrain.views(TRAIN), FitSettings(iterations=3))
    assert len(seen.gaussians) == len(few)
    assert seen.history[0] < 0.5 * alone.history[0]


def test_the_first_view_alone_shows_what_lies_under(terrain: TerrainSet) -> None:
    """In the others the fitted ones have to be whole without it."""
    finished = fit(terrain.initial, terrain.views(TRAIN), FitSettings(iterations=60)).gaussians
    few, one, two = terrain.initial[:50], terrain.views([0]), terrain.views([0, 3])
    settings = FitSettings(iterations=2)
    seen = fit(few, one, settings, backdrop=finished).history
    photo, other = fit(few, two, settings, under=finished).history
    alone = fit(few, two, settings).history
    assert photo == seen[0]
    assert photo < 0.5 * alone[0]
    assert other == pytest.approx(alone[1], rel=0.05)
    again = fit(few, one, settings, under=finished).history
    assert again[0] == seen[0]
    assert again[1] > 2.0 * seen[1]
    both = fit(few, two, replace(settings, views_per_step=2), under=finished).history
    assert both[0] == pytest.approx((photo + fit(few, two[1:], settings).history[0]) / 2, rel=1e-6)


def tiles(camera: Camera, image: NDArray[np.float32], size: int, z: float) -> Gaussians:
    """One round Gaussian for each ``size`` x ``size`` pixels of a plane, of their mean colour."""
    rows, columns = np.mgrid[: HEIGHT // size, : WIDTH // size].reshape(2, -1)
    focal = camera.K[0, 0]
    x = (size * (columns + 0.5) - camera.K[0, 2]) / focal * z - camera.viewmat[0, 3]
    y = (size * (rows + 0.5) - camera.K[1, 2]) / focal * z - camera.viewmat[1, 3]
    means = image.reshape(HEIGHT // size, size, WIDTH // size, size, 3).mean(axis=(1, 3))
    return Gaussians(
        means=np.stack([x, y, np.full_like(x, z)], axis=1).astype(np.float32),
        quats=np.tile(np.float32([1.0, 0, 0, 0]), (len(x), 1)),
        scales=np.tile(np.float32([0.5, 0.5, 0.05]) * np.float32(size * z / focal), (len(x), 1)),
        opacities=np.full(len(x), 0.9, np.float32),
        colors=means.reshape(-1, 3),
    )


def test_a_draft_shows_the_photo_in_ninety_steps(terrain: TerrainSet) -> None:
    """One Gaussian for four pixels, with coarse still copies under them as under water."""
    camera, image = terrain.cameras[0], terrain.images[0]
    under = tiles(camera, image, 8, 9.0)
    view = [TrainingView(camera.viewmat, camera.K, image)]
    fitted = fit(tiles(camera, image, 2, 6.0), view, FitSettings(iterations=90), under=under)
    shown = render(Gaussians.concatenate(fitted.gaussians, under), camera)
    assert psnr(shown.image, image) > 41.0
    alone = render(fitted.gaussians, camera).alpha[4:-4, 4:-4]
    assert alone.mean() > 0.98  # no veil through which the still copies show


def test_progress_and_cancelling(terrain: TerrainSet) -> None:
    steps: list[tuple[int, int]] = []
    views, settings = terrain.views(TRAIN), FitSettings(iterations=4)
    fit(terrain.initial, views, settings, progress=lambda *step: steps.append(step))
    assert steps == [(0, 4)] * len(views) + [(1, 4), (2, 4), (3, 4), (4, 4)]
    steps.clear()

    def stop_at_two(step: int, total: int) -> None:
        steps.append((step, total))
        if step == 2:
            raise Cancelled

    with pytest.raises(Cancelled):
        fit(terrain.initial, views, settings, progress=stop_at_two)
    assert steps[-2:] == [(1, 4), (2, 4)]


def test_edges(terrain: TerrainSet) -> None:
    views = terrain.views([0])
    assert len(fit(Gaussians.empty(), views).gaussians) == 0
    unchanged = fit(terrain.initial, views, FitSettings(iterations=0))
    assert unchanged.history == []
    np.testing.assert_allclose(unchanged.gaussians.scales, terrain.initial.scales, rtol=1e-6)
    with pytest.raises(ValueError, match="views is empty"):
        fit(terrain.initial, [])
    with pytest.raises(ValueError, match="H, W, 3"):
        fit(terrain.initial, [replace(views[0], image=views[0].image[..., 0])])
    with pytest.raises(ValueError, match="views_per_step"):
        fit(terrain.initial, views, FitSettings(views_per_step=0))
    broken = np.full_like(views[0].image, np.nan)
    with pytest.raises(LivescapeError) as error:
        fit(terrain.initial, [replace(views[0], image=broken)], FitSettings(iterations=2))
    assert error.value.code == "fit_diverged"


def test_parameters_return_what_they_were_given(terrain: TerrainSet) -> None:
    given = terrain.initial
    back = GaussianParameters.from_gaussians(given).to_gaussians()
    for name in ("means", "quats", "scales", "opacities", "colors"):
        np.testing.assert_allclose(getattr(back, name), getattr(given, name), rtol=2e-5, atol=1e-6)


def test_torch_has_one_thread_while_fitting_and_its_own_again_after(terrain: TerrainSet) -> None:
    before, during = torch.get_num_threads(), []
    torch.set_num_threads(2)
    try:
        fit(
            terrain.initial,
            terrain.views([0]),
            FitSettings(iterations=1),
            progress=lambda step, _: step and during.append(torch.get_num_threads()),
        )
        assert (during, torch.get_num_threads()) == ([1], 2)
    finally:
        torch.set_num_threads(before)


def test_what_is_hidden_stays_as_it_is(terrain: TerrainSet) -> None:
    """Adam alone would take full steps along the noise that shines through what hides it."""
    camera, image = terrain.cameras[0], terrain.images[0]
    rows, columns = np.mgrid[:HEIGHT, :WIDTH].reshape(2, -1)
    focal, opaque, sheets = camera.K[0, 0], 0.99, []
    for z, color in ((6.0, image.reshape(-1, 3)), (9.0, np.full((rows.size, 3), 0.5))):
        x = (columns + 0.5 - camera.K[0, 2]) / focal * z - camera.viewmat[0, 3]
        y = (rows + 0.5 - camera.K[1, 2]) / focal * z - camera.viewmat[1, 3]
        sheets.append(
            Gaussians(
                means=np.stack([x, y, np.full_like(x, z)], axis=1).astype(np.float32),
                quats=np.tile(np.float32([1.0, 0, 0, 0]), (rows.size, 1)),
                scales=np.tile(np.float32([0.6, 0.6, 0.05]), (rows.size, 1))
                * np.float32(z / focal),
                opacities=np.full(rows.size, opaque, np.float32),
                colors=color.astype(np.float32),
            )
        )
    view = [TrainingView(camera.viewmat, camera.K, image)]
    fitted = fit(Gaussians.concatenate(*sheets), view, FitSettings(iterations=60)).gaussians
    hidden, before = fitted[np.arange(rows.size, 2 * rows.size)], sheets[1]
    inner = (rows > 4) & (rows < HEIGHT - 4) & (columns > 4) & (columns < WIDTH - 4)
    assert np.abs(hidden.colors - before.colors)[inner].max() < 0.12
    assert np.abs(np.log(hidden.scales / before.scales))[inner].max() < 0.2


def test_the_part_that_counts_is_fitted_like_the_whole(terrain: TerrainSet) -> None:
    camera, image = terrain.cameras[0], terrain.images[0]
    mask = np.zeros((HEIGHT, WIDTH), np.float32)
    mask[45:60, 70:100] = 1.0
    whole = TrainingView(camera.viewmat, camera.K, image, mask)
    part = part_that_counts(whole)
    assert part.image.shape[0] < HEIGHT
    assert part.image.shape[1] < WIDTH
    np.testing.assert_array_equal(part.mask.sum(), mask.sum())
    alone, wanted = (
        fit(terrain.initial, [view], FitSettings(iterations=30)) for view in (part, whole)
    )
    change = np.abs(wanted.gaussians.colors - terrain.initial.colors)
    assert change.max() > 0.1
    difference = np.abs(alone.gaussians.colors - wanted.gaussians.colors)
    assert np.quantile(difference, 0.99) < 0.01
    assert difference.max() < 0.1 * change.max()


def test_a_mask_of_nothing_leaves_a_view_as_it_is(terrain: TerrainSet) -> None:
    camera, image = terrain.cameras[0], terrain.images[0]
    for mask in (None, np.zeros((HEIGHT, WIDTH), bool)):
        view = TrainingView(camera.viewmat, camera.K, image, mask)
        assert part_that_counts(view) is view


def twice_as_many(count: int) -> DensityControl:
    """Return what lets ``count`` Gaussians, all of one kind, become twice as many."""
    return DensityControl(
        budget=2 * count,
        groups=np.zeros(count, np.uint8),
        costs=np.ones(count, np.int64),
        largest_radius=float(WIDTH),
    )


@pytest.mark.parametrize("density", [False, True])
def test_no_colour_leaves_its_own_by_more_than_it_may(terrain: TerrainSet, density: bool) -> None:
    """Also of what was split or merged again and again."""
    given, control = terrain.initial, None
    if density:
        control = twice_as_many(len(given))
    own = np.stack([given.colors - np.float32(0.05), given.colors + np.float32(0.05)], axis=1)
    settings = FitSettings(iterations=60)
    result = fit(given, terrain.views(TRAIN), settings, density=control, bounds=own)
    assert (len(result.gaussians) != len(given)) == density
    away = np.abs(result.gaussians.colors - given.colors[result.sources])
    assert 0.04 < away.max() <= 0.05 + 1e-6


def test_a_colour_may_be_any_within_its_bounds(terrain: TerrainSet) -> None:
    """The halves of a large patch too."""
    own = terrain.initial.colors
    bounds = np.stack([own - np.float32(0.25), own + np.float32(0.35)], axis=1)
    control = twice_as_many(len(own))
    settings = FitSettings(iterations=60)
    result = fit(terrain.initial, terrain.views(TRAIN), settings, density=control, bounds=bounds)
    change = result.gaussians.colors - own[result.sources]
    assert -0.25 - 1e-6 <= change.min() < -0.2
    assert 0.2 < change.max() <= 0.35 + 1e-6
