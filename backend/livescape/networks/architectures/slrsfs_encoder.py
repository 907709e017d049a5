"""The encoder of SLR-SFS: photo to features and the importance that ranks overlapping ones."""

from __future__ import annotations

from itertools import pairwise

import torch
import torch.nn.functional as F
from torch import Tensor, nn

_CHANNELS = (3, 32, 32, 32, 64, 64, 64, 64, 65)


class StoredNorm(nn.Module):
    """Batch norm on stored statistics, without gain and bias."""

    stored_mean: Tensor
    stored_var: Tensor

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.register_buffer("stored_mean", torch.zeros(channels))
        self.register_buffer("stored_var", torch.ones(channels))

    def forward(self, features: Tensor) -> Tensor:
        """Normalise [B, C, H, W]."""
        return F.batch_norm(features, self.stored_mean, self.stored_var)


class NoiseNorm(nn.ModuleDict):
    """The norm whose gain and bias the publication draws from noise, at zero noise.

    The authors' test scripts set the noise to zero; then gain is 1, bias is 0, and their
    layers need not be loaded.

    Args:
        name: What the published files call the statistics.
        channels: C.
    """

    def __init__(self, name: str, channels: int) -> None:
        super().__init__({name: StoredNorm(channels)})

    def forward(self, features: Tensor) -> Tensor:
        """Normalise [B, C, H, W]."""
        (norm,) = self.values()
        normalised: Tensor = norm(features)
        return normalised


class ResidualBlock(nn.Module):
    """Two normalised convolutions beside a shortcut.

    Args:
        inputs: Channels in.
        outputs: Channels out.
    """

    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__()
        self.ch_a = nn.Sequential(
            NoiseNorm("bn", inputs),
            nn.ReLU(),
            nn.Conv2d(inputs, outputs, 3, padding=1),
            NoiseNorm("bn", outputs),
            nn.ReLU(),
            nn.Conv2d(outputs, outputs, 3, padding=1),
        )
        changes = inputs != outputs
        self.ch_b = nn.Sequential(nn.Conv2d(inputs, outputs, 1)) if changes else nn.Identity()

    def forward(self, features: Tensor) -> Tensor:
        """Return [B, outputs, H, W]."""
        residual: Tensor = self.ch_a(features)
        shortcut: Tensor = self.ch_b(features)
        return residual + shortcut


class Encoder(nn.Module):
    """Eight residual blocks at full resolution."""

    def __init__(self) -> None:
        super().__init__()
        self.gblocks = nn.Sequential(*(ResidualBlock(*pair) for pair in pairwise(_CHANNELS)))

    def forward(self, image: Tensor) -> tuple[Tensor, Tensor]:
        """Encode [B, 3, H, W] in -1..1.

        Returns:
            Features [B, 64, H, W] and importance [B, 1, H, W].
        """
        encoded: Tensor = self.gblocks(image)
        return encoded[:, :-1], encoded[:, -1:]
