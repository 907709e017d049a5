"""Distil trajectories on the basis into a HexPlane, before training on any picture.

Errors are in units of each Gaussian's size, during its lifetime, with a loss that is quadratic near
zero and linear beyond: a few Gaussians at the mask's edge must not dominate.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from livescape.deform.basis import MovingField
from livescape.deform.deformation import Deformation, DeformationShape
from livescape.deform.hexplane_field import HexPlaneField, base_line_field
from livescape.deform.regularise import total_variation
from livescape.engine.threads import cpu_threads

Float32Array = NDArray[np.float32]

BATCH = 4096
MOMENTS = 4
SAMPLES = 33
"""Phases at which the trajectories are read."""

PLANE_RATE = 0.05
DECODER_RATE = 0.01
SOFT = 0.1
"""Error, in sizes, below which the loss is quadratic."""

SPACE_WEIGHT = 1e-4
TIME_WEIGHT = 1e-3


def distil(
    field: MovingField,
    shape: DeformationShape | None = None,
    *,
    steps: int = 400,
    seed: int = 0,
    device: str = "cpu",
    progress: Callable[[int, int], None] | None = None,
) -> HexPlaneField:
    """Return a HexPlane field whose trajectories follow those of ``field``.

    Args:
        field: Trajectories on the basis.
        shape: Of the network.
        steps: Optimiser steps, each of some Gaussians at some moments.
        seed: Of the choice.
        device: Where to compute.
        progress: Called with (step, total); may raise to stop.
    """
    start, residual = base_line_field(field, shape, SAMPLES)
    if not len(field) or steps == 0:
        return start
    distillation = _Distillation(start, residual, device)
    optimiser = torch.optim.Adam(
        [
            {"params": distillation.network.hexplane.parameters(), "lr": PLANE_RATE},
            {"params": distillation.network.decoder.parameters(), "lr": DECODER_RATE},
        ],
        betas=(0.9, 0.99),
        eps=1e-15,
        fused=True,
    )
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, steps)
    random = np.random.default_rng(seed)
    with cpu_threads(device):
        for step in range(steps):
            optimiser.zero_grad(set_to_none=True)
            distillation.loss(random).backward()
            optimiser.step()
            schedule.step()
            if progress is not None:
                progress(step + 1, steps)
    return replace(start, parameters=distillation.network.to_vector())


class _Distillation:
    """The network, and the residual it has to learn, in units of each Gaussian's size."""

    def __init__(self, start: HexPlaneField, residual: Float32Array, device: str) -> None:
        gaussians, life = start.gaussians, start.base_line.life
        phases = np.linspace(-1.0, 1.0, len(residual), dtype=np.float32)
        size = np.sort(gaussians.scales, axis=1)[:, 1]
        self.network: Deformation = start.network().to(device)
        self.located = self.network.locate(torch.from_numpy(start.points).to(device))
        self.phases = torch.from_numpy(phases).to(device)
        self.unit = torch.from_numpy(start.reach / size)[:, None].to(device)
        self.residual = torch.from_numpy(residual / size[:, None]).to(device)
        alive = (phases[:, None] >= life[:, 0]) & (phases[:, None] <= life[:, 1])
        self.alive = torch.from_numpy(alive).to(device)

    def loss(self, random: np.random.Generator) -> Tensor:
        """Return the error of some Gaussians at some moments, and the roughness of the planes."""
        count = self.residual.shape[1]
        chosen = random.choice(count, min(BATCH, count), replace=False)
        moments = random.choice(len(self.phases), MOMENTS, replace=False)
        times = self.phases[moments]
        features = self.network.features(self.located[chosen], times)
        change = self.network(features, times, ("means",))["means"] * self.unit[chosen]
        error = change - self.residual[moments][:, chosen]
        size = (error.square().sum(dim=-1) + SOFT**2).sqrt() - SOFT
        space, time = total_variation(self.network.hexplane)
        fit = (size * self.alive[moments][:, chosen]).mean()
        loss: Tensor = fit + SPACE_WEIGHT * space + TIME_WEIGHT * time
        return loss
