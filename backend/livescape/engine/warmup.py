"""Compile the engine's kernels ahead of the first job."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable

import torch

from livescape.engine.rasterize import rasterize
from livescape.engine.ssim import photometric_loss
from livescape.engine.threads import cpu_threads
from livescape.engine.weights import View, blending_weights

LOGGER = logging.getLogger(__name__)

WIDTH, HEIGHT, GAUSSIANS = 64, 48, 32


def warmup(
    progress: Callable[[str], None] | None = None, channels: tuple[int, ...] = (3,)
) -> float:
    """Compile, or load from the cache, every kernel that fitting and rendering use.

    The first time on a machine this takes some ten seconds, later well under one.

    Args:
        progress: Receives a sentence for the user before and after.
        channels: Colour widths to prepare; each has blending kernels of its own.

    Returns:
        Seconds it took.
    """
    started = time.perf_counter()
    _tell(progress, "Preparing the CPU rasterizer; the first time this takes some seconds.")
    with cpu_threads():
        for width in channels:
            _render_and_descend(width)
    seconds = time.perf_counter() - started
    _tell(progress, f"The CPU rasterizer is ready after {seconds:.1f} s.")
    return seconds


def _tell(progress: Callable[[str], None] | None, sentence: str) -> None:
    LOGGER.info(sentence)
    if progress is not None:
        progress(sentence)


def _render_and_descend(channels: int) -> None:
    """One step on a dummy scene: all that depends on types is compiled by it."""
    index = torch.arange(GAUSSIANS, dtype=torch.float32) / GAUSSIANS
    means = torch.stack([index - 0.5, 0.5 - index, 2.0 + index], dim=1).requires_grad_()
    quats = torch.tensor([1.0, 0.0, 0.0, 0.0]).repeat(GAUSSIANS, 1)
    scales, opacities = torch.full((GAUSSIANS, 3), 0.1), torch.full((GAUSSIANS,), 0.5)
    colors = index[:, None].repeat(1, channels)
    K = torch.tensor([[64.0, 0.0, WIDTH / 2], [0.0, 64.0, HEIGHT / 2], [0.0, 0.0, 1.0]])
    view = rasterize(
        means, quats, scales, opacities, colors, torch.eye(4)[None], K[None], WIDTH, HEIGHT
    )
    loss = photometric_loss(view.colors[0], torch.zeros(HEIGHT, WIDTH, channels))
    loss.backward()  # type: ignore[no-untyped-call]
    gaussians = (means.detach(), quats, scales, opacities)
    blending_weights(View(*gaussians, torch.eye(4), K, WIDTH, HEIGHT))
