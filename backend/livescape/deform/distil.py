"""Teach a HexPlane the trajectories that the basis gives, before any picture is looked at.

Errors count in units of each Gaussian's size, while it lives, with a loss that is a square near
zero and a distance beyond: a few Gaussians at the mask's edge must not decide.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from livescape.deform.basis import MovingField
from livescape.deform.deformation import Deformation, DeformationShape
from livescape.deform.hexplane_field import HexPlaneField, straight_field
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
"""Error, in sizes, below which the loss is a square."""

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
    straight, bend = straight_field(field, shape, SAMPLES)
    if not len(field) or steps == 0:
        return straight
    lesson = _Lesson(straight, bend, device)
    optimiser = torch.optim.Adam(
        [
            {"params": lesson.network.hexplane.parameters(), "lr": PLANE_RATE},
            {"params": lesson.network.decoder.parameters(), "lr": DECODER_RATE},
        ],
        betas=(0.9, 0.99),
        eps=1e-15,
        fused=True,
    )
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, steps)
    random = np.random.default_rng(seed)
    threads: AbstractContextManager[object] = cpu_threads() if device == "cpu" else nullcontext()
    with threads:
        for step in range(steps):
            optimiser.zero_grad(set_to_none=True)
            lesson.loss(random).backward()
            optimiser.step()
            schedule.step()
            if progress is not None:
                progress(step + 1, steps)
    return replace(straight, parameters=lesson.network.to_vector())


class _Lesson:
    """What is to be learnt, in tensors."""

    def __init__(self, straight: HexPlaneField, bend: Float32Array, device: str) -> None:
        gaussians, life = straight.gaussians, straight.line.life
        phases = np.linspace(-1.0, 1.0, len(bend), dtype=np.float32)
        size = np.sort(gaussians.scales, axis=1)[:, 1]
        self.network: Deformation = straight.network().to(device)
        self.located = self.network.locate(torch.from_numpy(straight.points).to(device))
        self.phases = torch.from_numpy(phases).to(device)
        self.unit = torch.from_numpy(straight.reach / size)[:, None].to(device)
        self.bend = torch.from_numpy(bend / size[:, None]).to(device)
        alive = (phases[:, None] >= life[:, 0]) & (phases[:, None] <= life[:, 1])
        self.alive = torch.from_numpy(alive).to(device)

    def loss(self, random: np.random.Generator) -> Tensor:
        """Return the error of some Gaussians at some moments, and the roughness of the planes."""
        count = self.bend.shape[1]
        chosen = random.choice(count, min(BATCH, count), replace=False)
        moments = random.choice(len(self.phases), MOMENTS, replace=False)
        times = self.phases[moments]
        features = self.network.features(self.located[chosen], times)
        change = self.network(features, times, ("means",))["means"] * self.unit[chosen]
        error = change - self.bend[moments][:, chosen]
        size = (error.square().sum(dim=-1) + SOFT**2).sqrt() - SOFT
        space, time = total_variation(self.network.hexplane)
        fit = (size * self.alive[moments][:, chosen]).mean()
        loss: Tensor = fit + SPACE_WEIGHT * space + TIME_WEIGHT * time
        return loss


def trajectory_errors(field: MovingField, learnt: HexPlaneField, samples: int = 17) -> Float32Array:
    """Return the distance [S, M] between both fields' means, in sizes; NaN once a Gaussian sank.

    Args:
        field: On the basis.
        learnt: On the HexPlane, of the same Gaussians.
        samples: S, phases evenly from -1 to 1.
    """
    phases = np.linspace(-1.0, 1.0, samples)
    size = np.sort(field.gaussians.scales, axis=1)[:, 1]
    errors = [
        np.linalg.norm(pose.means - field.means_at(s), axis=1) / size
        for s, pose in zip(phases, learnt.poses(phases), strict=True)
    ]
    alive = (phases[:, None] >= field.life[:, 0]) & (phases[:, None] <= field.life[:, 1])
    return np.where(alive, np.stack(errors), np.nan).astype(np.float32)
