"""Fitting on CUDA: several views a step, and never a wait for the GPU."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch
from tests.engine.scenes import relative_error
from tests.gaussians.terrain import TerrainSet, terrain_set

from livescape.engine.rasterize import rasterize
from livescape.engine.ssim import photometric_loss, photometric_losses, photometric_target
from livescape.evaluate.metrics import psnr
from livescape.gaussians import view_loss
from livescape.gaussians.optimise import FitSettings, fit
from livescape.gaussians.render import render

pytest.importorskip("gsplat")
pytestmark = [
    pytest.mark.gpu,
    pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA GPU"),
]

WIDTH, HEIGHT = 160, 90
TRAIN = [0, 2, 4, 6, 8]


@pytest.fixture(scope="module")
def terrain() -> TerrainSet:
    return terrain_set(WIDTH, HEIGHT, truth=40_000, initial=10_000)


def quality(terrain: TerrainSet, settings: FitSettings) -> float:
    fitted = fit(terrain.initial, terrain.views(TRAIN), settings).gaussians
    view = render(fitted, terrain.cameras[4], device=settings.device)
    return psnr(view.image, terrain.images[4])


def test_fit_reaches_the_same_quality(terrain: TerrainSet) -> None:
    one = FitSettings(iterations=120, views_per_step=1)
    scores = [quality(terrain, replace(one, device=device)) for device in ("cpu", "cuda")]
    assert min(scores) > 28.0
    assert np.ptp(scores) < 0.5
    several = quality(terrain, FitSettings(iterations=120, device="cuda"))
    assert several > scores[1] - 0.2


def test_several_views_a_step_are_their_weighted_mean(terrain: TerrainSet) -> None:
    views = terrain.views(TRAIN[:4])
    small = replace(views[1], image=views[1].image[: HEIGHT // 2].copy(), weight=0.5)
    views = [views[0], small, *views[2:]]
    histories = {
        device: fit(
            terrain.initial, views, FitSettings(iterations=2, views_per_step=4, device=device)
        ).history
        for device in ("cpu", "cuda")
    }
    np.testing.assert_allclose(histories["cuda"], histories["cpu"], rtol=1e-3)


def test_losses_of_a_batch_are_those_of_its_images() -> None:
    generator = torch.Generator("cuda").manual_seed(3)
    renders = torch.rand(3, 45, 80, 3, generator=generator, device="cuda", requires_grad=True)
    images = torch.rand(3, 45, 80, 3, generator=generator, device="cuda")
    targets = [photometric_target(i, i[..., 0] > 0.1 * n) for n, i in enumerate(images)]
    together = photometric_losses(renders, targets, 0.3)
    apart = torch.stack(
        [photometric_loss(r, t, None, 0.3) for r, t in zip(renders, targets, strict=True)]
    )
    torch.testing.assert_close(together, apart)
    upstream = torch.tensor([1.0, 0.5, 2.0], device="cuda")
    gradients = [torch.autograd.grad(losses, renders, upstream)[0] for losses in (together, apart)]
    assert relative_error(gradients[0], gradients[1]) < 1e-5


@pytest.mark.filterwarnings("ignore:Synchronization debug mode")
def test_no_step_waits_for_the_gpu(terrain: TerrainSet, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every wait within a step raises, except gsplat's own: it must know its lists' length."""

    def rasterize_unwatched(*args, **options):
        watched = torch.cuda.get_sync_debug_mode()
        torch.cuda.set_sync_debug_mode("default")
        try:
            return rasterize(*args, **options)
        finally:
            torch.cuda.set_sync_debug_mode(watched)

    watched_steps = []

    def watch_all_but_the_first(step: int, total: int) -> None:
        if not step:  # views are still being prepared
            return
        watched_steps.append(torch.cuda.get_sync_debug_mode())
        torch.cuda.set_sync_debug_mode("error" if step < total else "default")

    monkeypatch.setattr(view_loss, "rasterize", rasterize_unwatched)
    settings = FitSettings(iterations=6, device="cuda")
    try:
        fit(terrain.initial, terrain.views(TRAIN), settings, progress=watch_all_but_the_first)
    finally:
        torch.cuda.set_sync_debug_mode("default")
    assert watched_steps == [0, 2, 2, 2, 2, 2]
