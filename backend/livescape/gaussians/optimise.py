"""Fit 3D Gaussians to views by gradient descent through the rasteriser."""

from __future__ import annotations

import logging
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from livescape.engine.threads import cpu_threads
from livescape.gaussians.adam import Adam
from livescape.gaussians.adaptive import AdaptiveSet
from livescape.gaussians.density import DensityControl
from livescape.gaussians.parameters import GaussianParameters
from livescape.gaussians.view_loss import PreparedView, TrainingView, mean_loss, prepared_view
from livescape_shared.errors import LivescapeError
from livescape_shared.gaussians import Gaussians
from livescape_shared.settings import Blend

LOGGER = logging.getLogger(__name__)

VIEWS_PER_STEP_CUDA = 4

HIDDEN, HIDDEN_COLOR = 0.04, 0.15
"""Share of one pixel below which what a Gaussian gives to the picture is no reason to change it,
and to change its colour, in which the slightest light that comes through would else add up."""


@dataclass(frozen=True)
class FitSettings:
    """How to fit.

    Attributes:
        iterations: Optimiser steps.
        views_per_step: Views each step renders, at most as many as there are. None means 1 on
            the CPU and 4 on CUDA, where the cost is the number of kernels, not of pixels.
        blend: Space colours are blended in.
        ssim_weight: Share of D-SSIM in the loss.
        offset_rate: Learning rate of positions, in units of each Gaussian's size.
        quat_rate: Learning rate of quaternions.
        scale_rate: Learning rate of log scales.
        opacity_rate: Learning rate of opacity logits.
        color_rate: Learning rate of display colours.
        full_rates: Fraction of the steps, below 1, that are taken with these rates; from there on
            they fall evenly.
        final_rate: Fraction of every rate left at the end.
        seed: Seed of the order of views.
        device: "cpu" or "cuda".
    """

    iterations: int = 200
    views_per_step: int | None = None
    blend: Blend = "linear"
    ssim_weight: float = 0.2
    offset_rate: float = 0.07
    quat_rate: float = 0.04
    scale_rate: float = 0.06
    opacity_rate: float = 0.1
    color_rate: float = 0.02
    full_rates: float = 0.6
    final_rate: float = 0.02
    seed: int = 0
    device: str = "cpu"


@dataclass(frozen=True, eq=False)
class FitResult:
    """What a fit returns.

    Attributes:
        gaussians: The fitted Gaussians; without density control as many as were given and in
            the same order.
        sources: Which of the given ones each comes from.
        history: Loss of every step.
    """

    gaussians: Gaussians
    sources: NDArray[np.int64]
    history: list[float] = field(default_factory=list)


def fit(
    gaussians: Gaussians,
    views: Sequence[TrainingView],
    settings: FitSettings | None = None,
    progress: Callable[[int, int], None] | None = None,
    density: DensityControl | None = None,
    backdrop: Gaussians | None = None,
    under: Gaussians | None = None,
    lying: NDArray[np.bool_] | None = None,
    flowing: NDArray[np.bool_] | None = None,
    bounds: NDArray[np.float32] | None = None,
) -> FitResult:
    """Fit Gaussians to views; the same input and seed give the same bits on the CPU.

    Args:
        gaussians: Initial Gaussians.
        views: At least one view, the photo's first.
        settings: Defaults if None.
        progress: Called with (step, total) after every step, and while views are prepared; may
            raise to stop.
        density: How their number may change; it does not if None.
        backdrop: More Gaussians that the views show, which are not fitted.
        under: More of those, which the first view alone shows. In the others the fitted Gaussians
            have to be whole without them; one view alone has every second turn without them.
        lying: [N] those that stay in the surface in which they lie; none if None.
        flowing: [N] those that may hardly grow, besides those that are ``lying``.
        bounds: [N, 2, 3] least and greatest display colour that each may have; any if None.

    Raises:
        ValueError: If there is no view, an image is not [H, W, 3] or a step has no view.
        LivescapeError: "fit_diverged" if the loss stops being a number.
    """
    settings = settings or FitSettings()
    if not views:
        raise ValueError("views is empty")
    if len(gaussians) == 0:
        return FitResult(gaussians, np.empty(0, np.int64))
    parameters = GaussianParameters.from_gaussians(
        gaussians, settings.device, lying, flowing, bounds
    )
    behind = _frozen([backdrop], settings.device)
    behind_photo = behind if not under else _frozen([backdrop, under], settings.device)
    if under and len(views) == 1:
        views = [*views, *views]
    prepared = []
    for view in views:
        if progress is not None:
            progress(0, settings.iterations)
        prepared.append(prepared_view(view, settings.device))
    with cpu_threads(settings.device):
        fitted, history = _descend(
            parameters, (behind_photo, behind), prepared, settings, density, progress
        )
    return FitResult(fitted.parameters.to_gaussians(), fitted.sources, history)


def _frozen(sets: Sequence[Gaussians | None], device: str) -> GaussianParameters | None:
    """Return those of the sets that are there as one that does not train."""
    there = [each for each in sets if each is not None]
    if not there:
        return None
    return GaussianParameters.from_gaussians(Gaussians.concatenate(*there), device).frozen()


def _batch_size(settings: FitSettings, views: int) -> int:
    wanted = settings.views_per_step
    if wanted is None:
        wanted = VIEWS_PER_STEP_CUDA if settings.device.startswith("cuda") else 1
    if wanted < 1:
        raise ValueError(f"views_per_step must be at least 1, got {wanted}")
    return min(wanted, views)


def _optimiser(settings: FitSettings, pixels: int) -> Adam:
    """Return Adam, whose steps are full for what is seen and vanish for what is hidden.

    Adam divides by the size of the gradient: without a floor, Gaussians that other ones hide take
    full steps along what is but noise. Their colours leave those of the photo, and show as specks
    once what hides them moves.
    """
    rates = {
        "offsets": settings.offset_rate,
        "turns": settings.quat_rate,
        "log_scales": settings.scale_rate,
        "logits": settings.opacity_rate,
        "colors": settings.color_rate,
    }
    least = dict.fromkeys(rates, HIDDEN) | {"colors": HIDDEN_COLOR}
    return Adam(rates, {name: share / (3 * pixels) for name, share in least.items()})


def _rate(step: int, settings: FitSettings) -> float:
    """Return the fraction of every learning rate with which ``step`` is taken."""
    done = step / max(settings.iterations, 1)
    falling = (done - settings.full_rates) / (1.0 - settings.full_rates)
    return 1.0 - (1.0 - settings.final_rate) * min(max(falling, 0.0), 1.0)


def _batches(count: int, iterations: int, size: int, seed: int) -> NDArray[np.int64]:
    """Views of every step, [iterations, size], of which none is twice in one step.

    The first view is the photo, the only picture that is no rendering of resampled points: it has
    every second turn, or one in each step of several. All others follow in random order, again and
    again. In turn with the rest, a photo among many views would hardly be seen.
    """
    order = np.zeros((iterations, size), np.int64)
    if count > 1:
        turns = order[1::2] if size == 1 else order[:, 1:]
        turns[:] = _in_turn(count - 1, turns.shape, seed) + 1
    return order


def _in_turn(count: int, shape: tuple[int, ...], seed: int) -> NDArray[np.int64]:
    """Return numbers below ``count``, each once in random order, again and again."""
    generator = np.random.default_rng(seed)
    wanted = math.prod(shape)
    rounds = [generator.permutation(count) for _ in range(-(-wanted // count))]
    order = np.concatenate(rounds) if rounds else np.empty(0, np.int64)
    return order[:wanted].reshape(shape)


def _descend(
    parameters: GaussianParameters,
    backdrops: tuple[GaussianParameters | None, GaussianParameters | None],
    views: list[PreparedView],
    settings: FitSettings,
    density: DensityControl | None,
    progress: Callable[[int, int], None] | None,
) -> tuple[AdaptiveSet, list[float]]:
    height, width = views[0].target.image.shape[:2]
    optimiser = _optimiser(settings, height * width)
    losses: list[Tensor] = []
    size = _batch_size(settings, len(views))
    round_of_views = -(-len(views) // size)
    fitted = AdaptiveSet(parameters, optimiser, density, views, settings.iterations, round_of_views)
    for step, batch in enumerate(_batches(len(views), settings.iterations, size, settings.seed)):
        loss, infos = mean_loss(
            fitted.parameters,
            [views[i] for i in batch],
            blend=settings.blend,
            ssim_weight=settings.ssim_weight,
            absgrad=fitted.observes(step),
            backdrops=[backdrops[min(i, 1)] for i in batch],
        )
        loss.backward()
        fitted.parameters.turn_gradients_into_surface()
        optimiser.step(fitted.parameters, _rate(step, settings))
        fitted.parameters.hold_colors()
        fitted.parameters.hold_in_surface()
        fitted.after(step, infos)
        losses.append(loss.detach())
        if progress is not None:
            progress(step + 1, settings.iterations)
    history = torch.stack(losses).tolist() if losses else []
    if not np.isfinite(history).all():
        raise LivescapeError(
            "fit_diverged",
            "Fitting the Gaussians to the views failed: the loss is not a number.",
            hint="Check the photo and depth for extreme values, or use fewer iterations.",
        )
    LOGGER.info("fitted %d Gaussians in %d steps", len(fitted.sources), len(history))
    return fitted, history
