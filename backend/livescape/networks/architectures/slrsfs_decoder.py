"""The decoder of SLR-SFS: splatted features to a picture, its holes filled on the way.

Its convolutions are partial (Liu et al., ECCV 2018): they see known pixels only, and what they
computed from at least one known pixel counts as known in the next layer.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from livescape.networks.architectures.slrsfs_encoder import NoiseNorm

# Channels in and out, and how each block changes the resolution.
_BLOCKS = (
    (64, 64, "keep"),
    (64, 128, "down"),
    (128, 256, "down"),
    (256, 256, "keep"),
    (256, 128, "up"),
    (128, 128, "up"),
    (128, 128, "keep"),
    (128, 3, "keep"),
)
_LEAST = 1e-8


class PartialConv2d(nn.Conv2d):
    """Convolution over the known entries of its window, scaled up for the unknown ones."""

    def forward(self, features: Tensor, known: Tensor) -> tuple[Tensor, Tensor]:  # type: ignore[override]
        """Convolve.

        Args:
            features: [B, C, H, W].
            known: [B, C, H, W] of 0 and 1, or [B, 1, H, W] if all channels share it.

        Returns:
            [B, out, H, W], zero where nothing was known, and what is known of it [B, 1, H, W].
        """
        window = features.new_ones(1, 1, *self.kernel_size)
        repeated = features.shape[1] / known.shape[1]
        padding = self.kernel_size[0] // 2
        found = F.conv2d(known.sum(1, keepdim=True) * repeated, window, padding=padding)
        reached = found.clamp(0, 1)
        full = window.numel() * features.shape[1]
        sums = F.conv2d(features * known, self.weight, padding=padding)
        scaled = sums * (full / (found + _LEAST) * reached)
        if self.bias is not None:
            scaled = (scaled + self.bias[:, None, None]) * reached
        return scaled, reached


class PartialBlock(nn.Module):
    """Two normalised partial convolutions beside a shortcut, then a change of resolution.

    The shortcut is the identity if neither channels nor resolution change.

    Args:
        inputs: Channels in.
        outputs: Channels out.
        step: ``keep``, ``down`` or ``up``.
    """

    def __init__(self, inputs: int, outputs: int, step: str) -> None:
        super().__init__()
        self.step = step
        self.bn_noise1 = NoiseNorm("pbn", inputs)
        self.bn_noise2 = NoiseNorm("pbn", outputs)
        self.conv_aa = PartialConv2d(inputs, outputs, 3, padding=1)
        self.conv_ab = PartialConv2d(outputs, outputs, 3, padding=1)
        changes = inputs != outputs or step != "keep"
        self.conv_b = PartialConv2d(inputs, outputs, 1, bias=False) if changes else None

    def forward(self, features: Tensor, known: Tensor) -> tuple[Tensor, Tensor]:
        """Return features [B, outputs, h, w] and what is known of them [B, 1, h, w]."""
        residual, reached = self.conv_aa(F.relu(self.bn_noise1(features)), known)
        residual, reached = self.conv_ab(F.relu(self.bn_noise2(residual)), reached)
        shortcut = features if self.conv_b is None else self.conv_b(features, known)[0]
        total = residual + shortcut
        if self.step == "down":
            return F.avg_pool2d(total, 3, 2, 1), F.max_pool2d(reached, 3, 2, 1)
        if self.step == "up":
            larger = F.interpolate(total, scale_factor=2, mode="bilinear", align_corners=False)
            return larger, F.interpolate(reached, scale_factor=2, mode="nearest")
        return total, reached


class Decoder(nn.Module):
    """Eight partial blocks, two halvings and two doublings."""

    def __init__(self) -> None:
        super().__init__()
        self.eblocks = nn.ModuleList(PartialBlock(*block) for block in _BLOCKS)

    def forward(self, features: Tensor) -> Tensor:
        """Decode [B, 64, H, W], whose zeros are holes, to a picture [B, 3, H, W] in -1..1."""
        height, width = features.shape[-2:]
        known = (features != 0).to(features.dtype)
        for block in self.eblocks:
            features, known = block(features, known)
        # Odd sizes grow by up to three pixels on their way down and up.
        return torch.tanh(features[..., :height, :width])
