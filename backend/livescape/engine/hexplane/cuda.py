"""HexPlane of fixed points, in torch: the plain lookup, moment by moment."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch
from numpy.typing import NDArray
from torch import Tensor

from livescape.engine.hexplane.reference import HexPlane


@dataclass(frozen=True, eq=False)
class FixedPoints:
    """Points [N, 3] on the device."""

    points: Tensor

    def __len__(self) -> int:
        """Return N."""
        return len(self.points)

    def __getitem__(self, chosen: NDArray[Any]) -> FixedPoints:
        """Return the points that an index array or mask selects."""
        return FixedPoints(self.points[chosen])

    def features(self, hexplane: HexPlane, times: Tensor) -> Tensor:
        """Return features [K, N, levels * C] at phases ``times`` [K]."""
        return torch.stack([hexplane(self.points, time) for time in times])
