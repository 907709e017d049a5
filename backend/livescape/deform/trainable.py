"""4D Gaussians as tensors that a photometric loss can train, with any deformation model."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Generic, TypeVar

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from livescape.engine.rasterize import rasterize
from livescape.gaussians.color import to_blending_space, to_display
from livescape_shared.camera import Camera
from livescape_shared.conventions import FOR_EVER, SINCE_EVER, window
from livescape_shared.gaussians import Gaussians
from livescape_shared.settings import Blend

COLOR_RATE = 0.004
LOGIT_RATE = 0.02

Field = TypeVar("Field")
"""What a subclass trains."""

TensorPose = tuple[Tensor, Tensor, Tensor]
"""Means [M, 3], quats [M, 4] and scales [M, 3] at one phase."""


class TrainableField(ABC, Generic[Field]):
    """The moving Gaussians, of which colours and opacities train, and the still ones beside them.

    Subclasses say where the moving ones are at a phase and what of that trains.
    """

    def __init__(
        self,
        still: Gaussians,
        moving: Gaussians,
        handover: NDArray[np.float32],
        fade: float,
        device: str,
    ) -> None:
        """Copy both sets to ``device``; ``handover`` and ``fade`` as in ``MovingField``."""
        self.device = device
        self.handover, self.fade = handover, fade
        self.moving = moving
        self.still = {name: self.tensor(value) for name, value in vars(still).items()}
        self.means, self.quats, self.scales = map(
            self.tensor, (self.moving.means, self.moving.quats, self.moving.scales)
        )
        self.unit = self.scales.sort(dim=1).values[:, 1:2]
        opacities = self.tensor(self.moving.opacities).clamp(1e-4, 1.0 - 1e-4)
        self.logits = torch.logit(opacities).requires_grad_()
        self.colors = self.tensor(self.moving.colors).requires_grad_()

    @abstractmethod
    def poses(self, phases: Sequence[float]) -> list[TensorPose]:
        """Return the moving Gaussians at each phase."""

    @abstractmethod
    def result(self) -> Field:
        """Return what was trained."""

    @abstractmethod
    def motion_groups(self) -> list[dict[str, Any]]:
        """Return the optimiser's parameter groups of the motion."""

    def copies(self, t: float) -> list[tuple[float, NDArray[np.float32]]]:
        """Return phase and opacity windows [M] of both copies at loop time ``t``."""
        appears, vanishes = self.handover.T
        outgoing = np.column_stack([np.full_like(vanishes, SINCE_EVER), vanishes])
        incoming = np.column_stack([appears, np.full_like(appears, FOR_EVER)])
        both = ((t, outgoing), (t - 1.0, incoming))
        return [(s, window(windows, t, self.fade)) for s, windows in both]

    def penalty(self) -> Tensor:
        """Return what is added to the photometric loss."""
        return torch.zeros((), device=self.device)

    def tensor(self, array: NDArray[np.floating]) -> Tensor:
        """Return a float32 copy on the device."""
        return torch.from_numpy(np.array(array, dtype=np.float32)).to(self.device)

    def optimiser(self) -> torch.optim.Adam:
        """Return an optimiser of motion, colours and opacities."""
        groups = [
            *self.motion_groups(),
            {"params": [self.colors], "lr": COLOR_RATE},
            {"params": [self.logits], "lr": LOGIT_RATE},
        ]
        return torch.optim.Adam(groups, eps=1e-15, fused=True)

    def image(self, t: float, camera: Camera, blend: Blend) -> Tensor:
        """Return the display image [H, W, 3] at loop time ``t``."""
        opacities = torch.sigmoid(self.logits)
        copies = [(s, shown) for s, shown in self.copies(t) if shown.any()]
        moving = []
        for (_, shown), pose in zip(copies, self.poses([s for s, _ in copies]), strict=True):
            there = torch.from_numpy(np.flatnonzero(shown)).to(self.device)
            share = self.tensor(shown)[there]
            means, quats, scales = (values[there] for values in pose)
            opaque = 1.0 - (1.0 - opacities[there]) ** share
            moving.append((means, quats, scales, opaque, self.colors[there]))
        means, quats, scales, opaque, colors = (
            torch.cat([self.still[name], *values])
            for name, values in zip(self.still, zip(*moving, strict=True), strict=True)
        )
        blended = rasterize(
            means,
            quats,
            scales,
            opaque,
            to_blending_space(colors, blend),
            self.tensor(camera.viewmat[None]),
            self.tensor(camera.K[None]),
            camera.width,
            camera.height,
        ).colors[0]
        return to_display(blended, blend)

    def trained_gaussians(self) -> Gaussians:
        """Return the moving Gaussians at t = 0 with the trained colours and opacities."""
        return replace(
            self.moving,
            opacities=torch.sigmoid(self.logits).detach().cpu().numpy(),
            colors=_display(self.colors),
        )


def _display(colors: Tensor) -> NDArray[np.float32]:
    """Return trained colours within the range of a display."""
    values: NDArray[np.float32] = colors.detach().clamp(0.0, 1.0).cpu().numpy()
    return values
