"""The image decoder of 3D-Cinemagraphy: two rendered feature images to one picture.

Li et al., "3D Cinemagraphy from a Single Image", CVPR 2023. Each up step joins both feature maps
that the encoder made at its size, one before each of its convolutions.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from livescape.motion.networks.cinemagraphy_features import double

_CHANNELS_IN = 37
_ALPHA, _DISPARITY = 3, 36
_GROUP = 32
_LEAST = 1e-6
# Channels of the stem and of each level below it.
_LEVELS = (32, 64, 128, 256, 512)


class DoubleConvolution(nn.Module):
    """Two convolutions 3 x 3, each with group norm and PReLU.

    Args:
        inputs: Channels in.
        middle: Channels out of the first.
        outputs: Channels out of the second.
        skip: Channels that join between the two.
    """

    def __init__(self, inputs: int, middle: int, outputs: int, skip: int = 0) -> None:
        super().__init__()
        self.double_conv1 = _convolution(inputs, middle)
        self.double_conv2 = _convolution(middle + skip, outputs)

    def forward(self, features: Tensor, skip: Tensor | None = None) -> tuple[Tensor, Tensor]:
        """Return the maps [B, middle, H, W] and [B, outputs, H, W] after each convolution."""
        first: Tensor = self.double_conv1(features)
        joined = first if skip is None else torch.cat((skip, first), dim=1)
        return first, self.double_conv2(joined)


class Down(nn.Module):
    """Max pooling, then a :class:`DoubleConvolution`.

    Args:
        inputs: Channels in.
        outputs: Channels out.
    """

    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__()
        self.maxpool_conv = nn.Sequential(
            nn.MaxPool2d(2), DoubleConvolution(inputs, outputs, outputs)
        )

    def forward(self, features: Tensor) -> tuple[Tensor, Tensor]:
        """Return the maps [B, outputs, H / 2, W / 2] after the first and second convolution."""
        maps: tuple[Tensor, Tensor] = self.maxpool_conv(features)
        return maps


class Up(nn.Module):
    """Doubling of the size, then a :class:`DoubleConvolution` with both maps of the encoder.

    Args:
        channels: Channels in, which each of the encoder's maps has too.
        outputs: Channels out.
    """

    def __init__(self, channels: int, outputs: int) -> None:
        super().__init__()
        self.conv = DoubleConvolution(2 * channels, channels, outputs, skip=channels)

    def forward(self, features: Tensor, first: Tensor, second: Tensor) -> Tensor:
        """Return [B, outputs, h, w] of maps [B, channels, h, w] of :class:`Down`."""
        doubled = _centre(double(features), second)
        last: Tensor = self.conv(torch.cat((second, doubled), dim=1), skip=first)[1]
        return last


class ImageDecoder(nn.Module):
    """Blends the two rendered sides of a moment and draws the picture.

    A side is [B, 37, H, W]: RGBA 4, features 32, disparity 1.
    """

    def __init__(self) -> None:
        super().__init__()
        stem = _LEVELS[0]
        self.alpha = nn.Parameter(torch.ones(()))
        self.firstconv = nn.Conv2d(_CHANNELS_IN, stem, 7, padding=3, bias=False)
        self.firstprelu = nn.PReLU()
        for level in range(1, 5):
            self.add_module(f"down{level}", Down(_LEVELS[level - 1], _LEVELS[level]))
            self.add_module(f"up{level}", Up(_LEVELS[5 - level], _LEVELS[4 - level]))
        self.conv5 = DoubleConvolution(_LEVELS[4], _LEVELS[4], _LEVELS[4])
        outc = nn.Conv2d(2 * stem, 3, 3, padding=1, padding_mode="reflect")
        self.outc = nn.ModuleDict({"conv": outc})

    def blend(self, start: Tensor, end: Tensor, time: float) -> Tensor:
        """Mix two sides [B, 37, H, W]: what is nearer, more opaque or closer in time wins.

        Args:
            start: Rendered from the loop's start.
            end: Rendered from the loop's end.
            time: 0 at the start to 1 at the end.
        """
        weights = [
            share * torch.exp(self.alpha * side[:, _DISPARITY, None]) * side[:, _ALPHA, None]
            for share, side in ((1.0 - time, start), (time, end))
        ]
        total = (weights[0] + weights[1]).clamp(min=_LEAST)
        return (start * weights[0] + end * weights[1]) / total

    def forward(self, start: Tensor, end: Tensor, time: float) -> Tensor:
        """Return the picture [B, 3, H, W] in 0..1 of two sides [B, 37, H, W], see :meth:`blend`.

        H and W are multiples of 32, that every level can be mirrored at its edge.
        """
        if start.shape != end.shape or start.shape[1] != _CHANNELS_IN:
            raise ValueError(f"sides are [B, 37, H, W], not {start.shape} and {end.shape}")
        if start.shape[-2] % 32 or start.shape[-1] % 32:
            raise ValueError(f"sides are [B, 37, 32 i, 32 j], not {tuple(start.shape)}")
        stem = self.firstprelu(self.firstconv(self.blend(start, end, time)))
        maps: list[tuple[Tensor, Tensor]] = []
        features: Tensor = stem
        for level in range(1, 5):
            maps.append(self.get_submodule(f"down{level}")(features))
            features = maps[-1][1]
        features = self.conv5(features)[1]
        for level in range(1, 5):
            features = self.get_submodule(f"up{level}")(features, *maps.pop())
        joined = torch.cat((stem, double(features)), dim=1)
        return torch.sigmoid(self.outc["conv"](joined))


def _convolution(inputs: int, outputs: int) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(inputs, outputs, 3, padding=1, padding_mode="reflect"),
        nn.GroupNorm(outputs // _GROUP, outputs),
        nn.PReLU(),
    )


def _centre(features: Tensor, like: Tensor) -> Tensor:
    """Crop to the size of ``like``.

    The published bottleneck keeps its size, so the first doubling is twice too large; the
    weights were trained on its centre.
    """
    rows, columns = (a - b for a, b in zip(features.shape[-2:], like.shape[-2:], strict=True))
    return F.pad(
        features, (-(columns // 2), columns // 2 - columns, -(rows // 2), rows // 2 - rows)
    )
