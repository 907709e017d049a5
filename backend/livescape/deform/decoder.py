"""From HexPlane features to the changes of a Gaussian: a trunk and one head for each (4D-GS)."""

from __future__ import annotations

from collections.abc import Iterable

import torch
from torch import Tensor, nn

HEADS = {"means": 3, "quats": 4, "scales": 3}
"""What is decoded, and how many numbers per Gaussian."""


class Decoder(nn.Module):
    """Linear trunk, then ReLU - Linear - ReLU - Linear for each of position, rotation, scale."""

    def __init__(self, features: int, width: int, generator: torch.Generator | None = None) -> None:
        """Draw Xavier weights; the heads' last layers are zero, so nothing moves at first.

        Args:
            features: Of the HexPlane.
            width: Of every hidden layer.
            generator: Source of the weights.
        """
        super().__init__()
        self.trunk = nn.Linear(features, width)
        self.heads = nn.ModuleDict({name: _head(width, size) for name, size in HEADS.items()})
        for layer in self.modules():
            if isinstance(layer, nn.Linear):
                nn.init.xavier_uniform_(layer.weight, generator=generator)
                nn.init.zeros_(layer.bias)
        for name in HEADS:
            nn.init.zeros_(self.get_parameter(f"heads.{name}.3.weight"))

    def forward(self, features: Tensor, heads: Iterable[str] = tuple(HEADS)) -> dict[str, Tensor]:
        """Return [..., HEADS[name]] for each name in ``heads``, of features [..., F]."""
        shared = self.trunk(features)
        return {name: self.heads[name](shared) for name in heads}


def _head(width: int, size: int) -> nn.Sequential:
    return nn.Sequential(nn.ReLU(), nn.Linear(width, width), nn.ReLU(), nn.Linear(width, size))
