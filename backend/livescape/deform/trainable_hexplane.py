"""Photometric training of a HexPlane field: planes, and the heads of position, rotation, scale."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import torch
from torch import Tensor

from livescape.deform.decoder import HEADS
from livescape.deform.hexplane_field import HexPlaneField
from livescape.deform.regularise import total_variation
from livescape.deform.trainable import TensorPose, TrainableField
from livescape_shared.gaussians import Gaussians

PLANE_RATE = 2e-3
DECODER_RATE = 2e-4
SPACE_WEIGHT = 1e-4
TIME_WEIGHT = 1e-3


class TrainableHexPlane(TrainableField[HexPlaneField]):
    """Planes and decoder train; each Gaussian's drift stays."""

    def __init__(self, still: Gaussians, field: HexPlaneField, device: str) -> None:
        """Start at ``field``."""
        super().__init__(still, field.line, device)
        self.field = field
        self.network = field.network().to(device)
        self.located = self.network.locate(self.tensor(field.points))
        self.drift = self.tensor(field.line.coefficients)
        self.reach = self.tensor(field.reach)[:, None]

    def poses(self, phases: Sequence[float]) -> list[TensorPose]:
        """Return the moving Gaussians at each phase."""
        times = torch.tensor(phases, dtype=torch.float32, device=self.device)
        features = self.network.features(self.located, times)
        change = self.network(features, times, tuple(HEADS))
        poses = []
        for index, s in enumerate(phases):
            means = self.line_means(self.field.line, self.drift, s)
            quats = torch.nn.functional.normalize(self.quats + change["quats"][index], dim=1)
            scales = self.scales * torch.exp(change["scales"][index])
            poses.append((means + self.reach * change["means"][index], quats, scales))
        return poses

    def copies(self, t: float) -> list[tuple[float, float]]:
        """Return two cross-faded copies, or the one that drifts."""
        return super().copies(t) if self.field.looped else [(t, 1.0)]

    def motion_groups(self) -> list[dict[str, Any]]:
        """Return the groups of planes and decoder."""
        return [
            {"params": list(self.network.hexplane.parameters()), "lr": PLANE_RATE},
            {"params": list(self.network.decoder.parameters()), "lr": DECODER_RATE},
        ]

    def penalty(self) -> Tensor:
        """Return the weighted total variation of the planes."""
        space, time = total_variation(self.network.hexplane)
        return SPACE_WEIGHT * space + TIME_WEIGHT * time

    def result(self) -> HexPlaneField:
        """Return the trained field."""
        line = self.recolored(self.field.line)
        return replace(self.field, line=line, parameters=self.network.to_vector())
