"""Fit 3D Gaussians to views by gradient descent through the rasteriser."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from livescape.gaussians.color import Blend, to_blending_space, to_display
from livescape.gaussians.cpu.threads import cpu_threads
from livescape.gaussians.losses import PhotometricTarget, photometric_loss, photometric_target
from livescape.gaussians.parameters import GaussianParameters
from livescape.gaussians.rasterize import rasterize
from livescape_shared.errors import Cancelled, LivescapeError
from livescape_shared.gaussians import Gaussians

LOGGER = logging.getLogger(__name__)


@dataclass(frozen=True, eq=False)
class TrainingView:
    """An image to fit.

    Attributes:
        viewmat: [4, 4] world-to-camera, OpenCV axes.
        K: [3, 3] intrinsics in pixels of the image.
        image: [H, W, 3] display sRGB 0..1.
        mask: [H, W] validity, bool or weights 0..1; all valid if None.
        weight: Factor on this view's loss.
    """

    viewmat: NDArray[np.floating]
    K: NDArray[np.floating]
    image: NDArray[np.float32]
    mask: NDArray[np.floating] | NDArray[np.bool_] | None = None
    weight: float = 1.0


@dataclass(frozen=True)
class FitSettings:
    """How to fit.

    Attributes:
        iterations: Optimiser steps, one view each.
        blend: Space colours are blended in.
        ssim_weight: Share of D-SSIM in the loss.
        offset_rate: Learning rate of positions, in units of each Gaussian's size.
        quat_rate: Learning rate of quaternions.
        scale_rate: Learning rate of log scales.
        opacity_rate: Learning rate of opacity logits.
        color_rate: Learning rate of display colours.
        final_rate: Fraction of every rate left at the end, reached exponentially.
        antialiased: See `rasterize`.
        seed: Seed of the order of views.
        device: "cpu" or "cuda".
    """

    iterations: int = 200
    blend: Blend = "linear"
    ssim_weight: float = 0.2
    offset_rate: float = 0.05
    quat_rate: float = 0.02
    scale_rate: float = 0.03
    opacity_rate: float = 0.05
    color_rate: float = 0.02
    final_rate: float = 0.1
    antialiased: bool = False
    seed: int = 0
    device: str = "cpu"


@dataclass(frozen=True, eq=False)
class FitResult:
    """What a fit returns.

    Attributes:
        gaussians: The fitted Gaussians, as many and in the same order as given.
        history: Loss of every step.
    """

    gaussians: Gaussians
    history: list[float] = field(default_factory=list)


@dataclass(frozen=True, eq=False)
class _View:
    viewmats: Tensor
    Ks: Tensor
    target: PhotometricTarget
    weight: float


def fit(
    gaussians: Gaussians,
    views: Sequence[TrainingView],
    settings: FitSettings | None = None,
    progress: Callable[[int, int], None] | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> FitResult:
    """Fit Gaussians to views; the same input and seed give the same bits on the CPU.

    Args:
        gaussians: Initial Gaussians; their number does not change.
        views: At least one view.
        settings: Defaults if None.
        progress: Called with (step, total) after every step.
        cancelled: Asked before every step.

    Raises:
        ValueError: If there is no view or an image is not [H, W, 3].
        Cancelled: If `cancelled` returned True.
        LivescapeError: "fit_diverged" if the loss stops being a number.
    """
    settings = settings or FitSettings()
    if not views:
        raise ValueError("views is empty")
    if len(gaussians) == 0:
        return FitResult(gaussians)
    parameters = GaussianParameters.from_gaussians(gaussians, settings.device)
    prepared = [_prepared(view, settings.device) for view in views]
    with cpu_threads() if settings.device == "cpu" else nullcontext():
        history = _descend(parameters, prepared, settings, progress, cancelled)
    return FitResult(parameters.to_gaussians(), history)


def _prepared(view: TrainingView, device: str) -> _View:
    if view.image.ndim != 3 or view.image.shape[2] != 3:
        raise ValueError(f"a view's image must be [H, W, 3], got {view.image.shape}")

    def tensor(array: NDArray) -> Tensor:
        return torch.from_numpy(np.ascontiguousarray(array, np.float32)).to(device)

    mask = None if view.mask is None else tensor(view.mask)
    target = photometric_target(tensor(view.image), mask)
    return _View(tensor(view.viewmat[None]), tensor(view.K[None]), target, view.weight)


def _optimiser(parameters: GaussianParameters, settings: FitSettings) -> torch.optim.Adam:
    rates = {
        "offsets": settings.offset_rate,
        "quats": settings.quat_rate,
        "log_scales": settings.scale_rate,
        "logits": settings.opacity_rate,
        "colors": settings.color_rate,
    }
    groups = [{"params": [getattr(parameters, name)], "lr": lr} for name, lr in rates.items()]
    return torch.optim.Adam(groups, eps=1e-15, fused=True)


def _view_order(count: int, iterations: int, seed: int) -> NDArray[np.int64]:
    """Every view once in random order, again and again."""
    generator = np.random.default_rng(seed)
    rounds = [generator.permutation(count) for _ in range(-(-iterations // count))]
    return np.concatenate(rounds)[:iterations] if rounds else np.empty(0, np.int64)


def _descend(
    parameters: GaussianParameters,
    views: list[_View],
    settings: FitSettings,
    progress: Callable[[int, int], None] | None,
    cancelled: Callable[[], bool] | None,
) -> list[float]:
    optimiser = _optimiser(parameters, settings)
    decay = settings.final_rate ** (1.0 / max(settings.iterations, 1))
    schedule = torch.optim.lr_scheduler.ExponentialLR(optimiser, decay)
    losses: list[Tensor] = []
    for step, index in enumerate(_view_order(len(views), settings.iterations, settings.seed)):
        if cancelled is not None and cancelled():
            raise Cancelled
        loss = _view_loss(parameters, views[index], settings)
        optimiser.zero_grad(set_to_none=True)
        loss.backward()
        optimiser.step()
        schedule.step()
        with torch.no_grad():
            parameters.colors.clamp_(0.0, 1.0)
        losses.append(loss.detach())
        if progress is not None:
            progress(step + 1, settings.iterations)
    history = torch.stack(losses).tolist() if losses else []
    if not np.isfinite(history).all():
        raise LivescapeError(
            "fit_diverged",
            "Fitting the Gaussians to the views failed: the error is not a number.",
            hint="Check the photo and depth for extreme values, or use fewer iterations.",
        )
    LOGGER.info("fitted %d Gaussians in %d steps", len(parameters.logits), len(history))
    return history


def _view_loss(parameters: GaussianParameters, view: _View, settings: FitSettings) -> Tensor:
    height, width = view.target.image.shape[:2]
    image = rasterize(
        parameters.means(),
        parameters.quats,
        parameters.scales(),
        parameters.opacities(),
        to_blending_space(parameters.colors, settings.blend),
        view.viewmats,
        view.Ks,
        width,
        height,
        antialiased=settings.antialiased,
    ).colors[0]
    display = to_display(image, settings.blend)
    return view.weight * photometric_loss(display, view.target, None, settings.ssim_weight)
