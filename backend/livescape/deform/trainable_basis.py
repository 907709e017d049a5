"""Photometric training of trajectories on the basis."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import torch
from torch import Tensor

from livescape.deform.basis import MovingField
from livescape.deform.trainable import TensorPose, TrainableField
from livescape_shared.gaussians import Gaussians

COEFFICIENT_RATE = 0.01
"""Learning rate of trajectory coefficients, in units of each Gaussian's size."""


class TrainableBasis(TrainableField[MovingField]):
    """Coefficients train; rotations and scales stay."""

    def __init__(
        self, still: Gaussians, field: MovingField, device: str, *, bends: bool = True
    ) -> None:
        """Start at ``field``; unless it ``bends``, its trajectories stay as they are."""
        super().__init__(still, field, device)
        self.field = field
        self.initial = self.tensor(field.coefficients)
        self.delta = torch.zeros_like(self.initial).requires_grad_(bends)

    def poses(self, phases: Sequence[float]) -> list[TensorPose]:
        """Return the moving Gaussians at each phase."""
        coefficients = self._coefficients()
        means = (self.line_means(self.field, coefficients, s) for s in phases)
        return [(at, self.quats, self.scales) for at in means]

    def motion_groups(self) -> list[dict[str, Any]]:
        """Return the coefficients' group, if they train."""
        if not self.delta.requires_grad:
            return []
        return [{"params": [self.delta], "lr": COEFFICIENT_RATE}]

    def result(self) -> MovingField:
        """Return the trained field."""
        coefficients = self._coefficients().detach().cpu().numpy()
        return replace(self.recolored(self.field), coefficients=coefficients)

    def _coefficients(self) -> Tensor:
        return self.initial + self.delta * self.unit
