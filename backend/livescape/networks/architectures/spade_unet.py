"""The SPADE U-Net that regresses Eulerian motion from photo, mask and hints.

Architecture of 3D-Cinemagraphy (Li et al., CVPR 2023) and SLR-SFS (Fan et al., CVPR 2022). The
condition enters the decoder and encoder through spatially adaptive normalisation (SPADE, Park et
al., CVPR 2019). The published layers carry spectral norm; here they are plain convolutions whose
weights are divided once, at load (:mod:`livescape.networks.weights`).
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

STRIDE = 256
"""Width and height of the input must be multiples of this: eight halvings."""

_CONDITION = 6
_HIDDEN = 128
_NEAREST_CHANNEL = 3

# Normalisation after conv2 .. conv7 and after dconv1 .. dconv7, by the published names.
_ENCODER_NORMS = (
    "spade_layer2_0",
    "spade_layer4_0",
    "spade_layer8_0",
    "spade_layer8_1",
    "spade_layer8_2",
    "spade_layer8_3",
)
_DECODER_NORMS = (
    "spade_layer8_4",
    "spade_layer8_5",
    "spade_layer8_6",
    "spade_layer8_7",
    "spade_layer4_1",
    "spade_layer2_1",
    "spade_layer",
)


class Spade(nn.Module):
    """Instance norm whose gain and bias are convolutions of the condition.

    Args:
        channels: C of the features that are normalised.
    """

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.mlp_shared = nn.Sequential(nn.Conv2d(_CONDITION, _HIDDEN, 3, padding=1), nn.ReLU())
        self.mlp_gamma = nn.Conv2d(_HIDDEN, channels, 3, padding=1)
        self.mlp_beta = nn.Conv2d(_HIDDEN, channels, 3, padding=1)

    def forward(self, features: Tensor, condition: Tensor) -> Tensor:
        """Return ``features`` [B, C, h, w] normalised under ``condition`` [B, 6, H, W]."""
        height, width = features.shape[-2:]
        hidden = self.mlp_shared(mixed_resize(condition, height, width))
        gain: Tensor = 1.0 + self.mlp_gamma(hidden)
        bias: Tensor = self.mlp_beta(hidden)
        return F.instance_norm(features) * gain + bias


class SpadeUNet(nn.ModuleDict):
    """U-Net of eight levels; keys are the published layer names.

    Args:
        filters: Channels of the first level; the published files have 32.
    """

    def __init__(self, filters: int = 32) -> None:
        super().__init__()
        n = filters
        down = (_CONDITION, n, 2 * n, 4 * n, 8 * n, 8 * n, 8 * n, 8 * n, 8 * n)
        for level in range(1, 9):
            self[f"conv{level}"] = nn.Conv2d(down[level - 1], down[level], 4, stride=2, padding=1)
        up_in = (8 * n, 16 * n, 16 * n, 16 * n, 16 * n, 8 * n, 4 * n, 2 * n)
        up_out = (8 * n, 8 * n, 8 * n, 8 * n, 4 * n, 2 * n, n, 2)
        for level in range(1, 9):
            self[f"dconv{level}"] = nn.Conv2d(up_in[level - 1], up_out[level - 1], 3, padding=1)
        for name, channels in zip(_ENCODER_NORMS, down[2:8], strict=True):
            self[name] = Spade(channels)
        for name, channels in zip(_DECODER_NORMS, up_out[:7], strict=True):
            self[name] = Spade(channels)

    def forward(self, condition: Tensor) -> Tensor:
        """Return the motion [B, 2, H, W] in pixels per frame of this size.

        Args:
            condition: [B, 6, H, W]: RGB in -1..1, mask in 0..1, hint flow in pixels per frame.
                H and W are multiples of :data:`STRIDE`.
        """
        channels, height, width = condition.shape[1:]
        if channels != _CONDITION or height % STRIDE or width % STRIDE:
            raise ValueError(f"condition is [B, 6, 256 i, 256 j], not {tuple(condition.shape)}")
        levels = self._encode(condition)
        features: Tensor = self["dconv1"](mixed_double(F.relu(levels.pop())))
        features = self[_DECODER_NORMS[0]](features, condition)
        for level in range(2, 9):
            # The skip is upsampled together with what it joins, and ReLU comes after the join.
            joined = torch.cat((mixed_double(features), mixed_double(levels.pop())), dim=1)
            features = self[f"dconv{level}"](F.relu(joined))
            if level < 8:
                features = self[_DECODER_NORMS[level - 1]](features, condition)
        return features

    def _encode(self, condition: Tensor) -> list[Tensor]:
        """Return the features of levels 1 to 8, finest first."""
        levels = [self["conv1"](condition)]
        for level in range(2, 9):
            features = self[f"conv{level}"](F.leaky_relu(levels[-1], 0.2))
            if level < 8:
                features = self[_ENCODER_NORMS[level - 2]](features, condition)
            levels.append(features)
        return levels


def mixed_resize(features: Tensor, height: int, width: int) -> Tensor:
    """Resize [B, C, h, w] bilinearly, but channel 3 to the nearest pixel.

    Channel 3 of the condition is the mask, which should stay crisp. The published code treats
    every feature map in the same way, and its weights were trained that way.
    """
    resized = F.interpolate(features, (height, width), mode="bilinear", align_corners=False)
    channel = slice(_NEAREST_CHANNEL, _NEAREST_CHANNEL + 1)
    resized[:, channel] = F.interpolate(features[:, channel], (height, width), mode="nearest")
    return resized


def mixed_double(features: Tensor) -> Tensor:
    """Return [B, C, 2 h, 2 w] by :func:`mixed_resize`."""
    return mixed_resize(features, 2 * features.shape[-2], 2 * features.shape[-1])
