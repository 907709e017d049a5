"""3D motion refinement as in the paper, for comparison with :mod:`livescape.engine.irls`."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import nullcontext

import torch
from torch import Tensor

from livescape.engine.irls.observations import Observations
from livescape.engine.threads import cpu_threads

STEPS = 200
LEARNING_RATE = 0.5
DECAY = 0.97

FEW_POINTS = 50_000
"""Below this one thread is faster: several would wait for each other ten times as long."""


def sgd_loss(observations: Observations, motion: Tensor) -> Tensor:
    """Eq. 7: mean over views of the mean over seen points and both components of |error|.

    Args:
        observations: Float32 or float64.
        motion: [3, N] metres per frame.
    """
    views = max(len(observations.rotation), 1)
    terms = [_view_loss(observations, motion, index) for index in range(views)]
    return torch.stack(terms).sum() / views


def solve_sgd(
    observations: Observations,
    steps: int = STEPS,
    progress: Callable[[int, int], None] | None = None,
) -> Tensor:
    """Minimise :func:`sgd_loss` by SGD with the paper's step lengths.

    The mean over all points makes a step about f / (2 z N) metres long, so far motion is not
    reached within the 200 steps; that is the method's own property.

    Args:
        observations: Float32 or float64.
        steps: Steps.
        progress: Called with (step, steps); may raise to stop.

    Returns:
        [3, N] motion in metres per frame, world axes.
    """
    motion = torch.zeros_like(observations.points, requires_grad=True)
    optimizer = torch.optim.SGD([motion], lr=LEARNING_RATE)
    schedule = torch.optim.lr_scheduler.ExponentialLR(optimizer, gamma=DECAY)
    views = len(observations.rotation)
    with cpu_threads() if motion.shape[1] <= FEW_POINTS else nullcontext():
        for step in range(steps):
            optimizer.zero_grad()
            for index in range(views):
                (_view_loss(observations, motion, index) / views).backward()
            optimizer.step()
            schedule.step()
            if progress is not None:
                progress(step + 1, steps)
    return motion.detach()


def _view_loss(observations: Observations, motion: Tensor, index: int) -> Tensor:
    seen = observations.weight[index] > 0
    rotation, translation = observations.rotation[index], observations.translation[index]
    local = rotation @ observations.points[:, seen] + translation
    moved = local + rotation @ motion[:, seen]
    focal = observations.focal[index]
    shift = focal * (moved[:2] / moved[2:] - local[:2] / local[2:])
    error = (shift - observations.target[index][:, seen]).abs()
    return error.sum() / max(error.numel(), 1)
