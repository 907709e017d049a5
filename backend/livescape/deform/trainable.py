"""4D Gaussians as tensors that a photometric loss can train, however they are carried."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Generic, TypeVar

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from livescape.deform.basis import SINK, MovingField, basis_functions, sunk
from livescape.deform.hexplane_field import HexPlaneField
from livescape.engine.rasterize import rasterize
from livescape.gaussians.color import (
    linear_to_srgb,
    srgb_to_linear,
    to_blending_space,
    to_display,
)
from livescape_shared.camera import Camera
from livescape_shared.conventions import middle_share
from livescape_shared.gaussians import Gaussians
from livescape_shared.settings import Blend

COLOR_RATE = 0.004
LOGIT_RATE = 0.02

Field = TypeVar("Field", bound=MovingField | HexPlaneField)
TensorPose = tuple[Tensor, Tensor, Tensor]
"""Means [M, 3], quats [M, 4] and scales [M, 3] at one phase."""


class TrainableField(ABC, Generic[Field]):
    """The moving Gaussians, of which colours and opacities train, and the still ones beside them.

    Colours are those at t = 0 and, of paired copies, those half-way through the loop.

    Subclasses say where the moving ones are at a phase and what of that trains.
    """

    def __init__(self, still: Gaussians, moving: MovingField, device: str) -> None:
        """Copy both sets to ``device``."""
        self.device = device
        self.moving = moving.gaussians
        self.still = {name: self.tensor(value) for name, value in vars(still).items()}
        self.means, self.quats, self.scales = map(
            self.tensor, (self.moving.means, self.moving.quats, self.moving.scales)
        )
        self.unit = self.scales.sort(dim=1).values[:, 1:2]
        opacities = self.tensor(self.moving.opacities).clamp(1e-4, 1.0 - 1e-4)
        self.logits = torch.logit(opacities).requires_grad_()
        self.colors = self.tensor(self.moving.colors).requires_grad_()
        self.middle_colors = self.tensor(moving.middle_colors).requires_grad_()

    @abstractmethod
    def poses(self, phases: Sequence[float]) -> list[TensorPose]:
        """Return the moving Gaussians at each phase."""

    @abstractmethod
    def result(self) -> Field:
        """Return what was trained."""

    @abstractmethod
    def motion_groups(self) -> list[dict[str, Any]]:
        """Return the optimiser's parameter groups of the motion."""

    def copies(self, t: float) -> list[tuple[float, float]]:
        """Return the phase and the opacity window of every copy that shows at loop time ``t``."""
        return [(t, 1.0 - t)] if t == 0.0 else [(t, 1.0 - t), (t - 1.0, t)]

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
            {"params": [self.colors, self.middle_colors], "lr": COLOR_RATE},
            {"params": [self.logits], "lr": LOGIT_RATE},
        ]
        return torch.optim.Adam(groups, eps=1e-15, fused=True)

    def image(self, t: float, camera: Camera, blend: Blend) -> Tensor:
        """Return the display image [H, W, 3] at loop time ``t``."""
        opacities = torch.sigmoid(self.logits)
        copies = self.copies(t)
        poses = self.poses([s for s, _ in copies])
        shown = [1.0 - (1.0 - opacities) ** window for _, window in copies]
        moving = self.colors_at(t) if len(copies) > 1 else self.colors
        colors = torch.cat([self.still["colors"], *[moving] * len(copies)])
        blended = rasterize(
            torch.cat([self.still["means"], *(means for means, _, _ in poses)]),
            torch.cat([self.still["quats"], *(quats for _, quats, _ in poses)]),
            torch.cat([self.still["scales"], *(scales for _, _, scales in poses)]),
            torch.cat([self.still["opacities"], *shown]),
            to_blending_space(colors, blend),
            self.tensor(camera.viewmat[None]),
            self.tensor(camera.K[None]),
            camera.width,
            camera.height,
        ).colors[0]
        return to_display(blended, blend)

    def colors_at(self, t: float) -> Tensor:
        """Return the moving colours [M, 3] at loop time ``t``, display sRGB."""
        first, middle = srgb_to_linear(self.colors), srgb_to_linear(self.middle_colors)
        return linear_to_srgb(first + middle_share(t) * (middle - first))

    def line_means(self, field: MovingField, coefficients: Tensor, s: float) -> Tensor:
        """Return :meth:`MovingField.means_at` of ``coefficients`` [K, M, 3], differentiably."""
        phi = self.tensor(basis_functions(np.array([s]), len(coefficients))[0])
        means: Tensor = self.means + torch.tensordot(phi, coefficients, dims=1)
        depth = SINK * self.tensor(sunk(field.life, s))
        return means + depth[:, None] * (means - self.tensor(field.eye))

    def recolored(self, field: MovingField) -> MovingField:
        """Return ``field`` with the trained colours and opacities."""
        gaussians = replace(
            self.moving,
            opacities=torch.sigmoid(self.logits).detach().cpu().numpy(),
            colors=_display(self.colors),
        )
        return replace(field, gaussians=gaussians, middle_colors=_display(self.middle_colors))


def _display(colors: Tensor) -> NDArray[np.float32]:
    """Return trained colours within what a display shows."""
    values: NDArray[np.float32] = colors.detach().clamp(0.0, 1.0).cpu().numpy()
    return values
