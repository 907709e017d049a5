"""The feature network of 3D-Cinemagraphy: a layer of the photo to features at a quarter size.

Li et al., "3D Cinemagraphy from a Single Image", CVPR 2023. A ResNet-34 cut after its third stage
with two steps back up.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

_STEM = 64
# Name, channels, basic blocks and stride of each stage.
_STAGES = (("layer1", 64, 3, 1), ("layer2", 128, 4, 2), ("layer3", 256, 6, 2))


class BatchNorm(nn.BatchNorm2d):
    """Batch norm that always takes the statistics of the batch it sees.

    So the features of one layer depend on all layers that are put in together.

    Args:
        channels: C.
    """

    def __init__(self, channels: int) -> None:
        super().__init__(channels, track_running_stats=False)


class BasicBlock(nn.Module):
    """Two 3 x 3 convolutions beside a shortcut, as in ResNet-34.

    Args:
        inputs: Channels in.
        outputs: Channels out.
        stride: Of the first convolution.
    """

    def __init__(self, inputs: int, outputs: int, stride: int) -> None:
        super().__init__()
        self.conv1 = _conv3(inputs, outputs, stride, bias=False)
        self.bn1 = BatchNorm(outputs)
        self.conv2 = _conv3(outputs, outputs, bias=False)
        self.bn2 = BatchNorm(outputs)
        self.downsample = (
            nn.Sequential(nn.Conv2d(inputs, outputs, 1, stride, bias=False), BatchNorm(outputs))
            if stride != 1 or inputs != outputs
            else nn.Identity()
        )

    def forward(self, features: Tensor) -> Tensor:
        """Return [B, outputs, H / stride, W / stride]."""
        residual = F.relu(self.bn1(self.conv1(features)))
        residual = self.bn2(self.conv2(residual))
        return F.relu(residual + self.downsample(features))


class ConvolutionElu(nn.Module):
    """Convolution 3 x 3, batch norm and ELU.

    Args:
        inputs: Channels in.
        outputs: Channels out.
    """

    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__()
        self.conv = _conv3(inputs, outputs)
        self.bn = BatchNorm(outputs)

    def forward(self, features: Tensor) -> Tensor:
        """Return [B, outputs, H, W]."""
        return F.elu(self.bn(self.conv(features)))


class DoublingElu(nn.Module):
    """Bilinear doubling of the size, then :class:`ConvolutionElu`.

    Args:
        inputs: Channels in.
        outputs: Channels out.
    """

    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__()
        self.conv = ConvolutionElu(inputs, outputs)

    def forward(self, features: Tensor) -> Tensor:
        """Return [B, outputs, 2 H, 2 W]."""
        doubled: Tensor = self.conv(double(features))
        return doubled


class FeatureNetwork(nn.Module):
    """Features of RGBA layers.

    Args:
        channels_in: Channels of a layer.
        channels_out: Channels of the features.
    """

    def __init__(self, channels_in: int = 4, channels_out: int = 32) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(
            channels_in, _STEM, 7, 2, padding=3, bias=False, padding_mode="reflect"
        )
        self.bn1 = BatchNorm(_STEM)
        inputs = _STEM
        for name, outputs, count, stride in _STAGES:
            first = BasicBlock(inputs, outputs, stride)
            rest = (BasicBlock(outputs, outputs, 1) for _ in range(count - 1))
            self.add_module(name, nn.Sequential(first, *rest))
            inputs = outputs
        self.upconv3 = DoublingElu(256, 128)
        self.iconv3 = ConvolutionElu(256, 128)
        self.upconv2 = DoublingElu(128, 64)
        self.iconv2 = ConvolutionElu(128, channels_out)
        self.out_conv = nn.Conv2d(channels_out, channels_out, 1)

    def forward(self, layers: Tensor) -> Tensor:
        """Return features [B, out, H / 4, W / 4] of ``layers`` [B, in, H, W].

        H and W are multiples of 16.
        """
        if layers.shape[-2] % 16 or layers.shape[-1] % 16:
            raise ValueError(f"layers are [B, C, 16 i, 16 j], not {tuple(layers.shape)}")
        features = F.max_pool2d(F.relu(self.bn1(self.conv1(layers))), 3, 2, 1)
        stages: list[Tensor] = []
        for name, *_ in _STAGES:
            features = self.get_submodule(name)(features)
            stages.append(features)
        fine, middle, coarse = stages
        joined = self.iconv3(torch.cat((self.upconv3(coarse), middle), dim=1))
        joined = self.iconv2(torch.cat((self.upconv2(joined), fine), dim=1))
        found: Tensor = self.out_conv(joined)
        return found


def double(features: Tensor) -> Tensor:
    """Double the size of [B, C, H, W] bilinearly, corners onto corners."""
    return F.interpolate(features, scale_factor=2, mode="bilinear", align_corners=True)


def _conv3(inputs: int, outputs: int, stride: int = 1, *, bias: bool = True) -> nn.Conv2d:
    return nn.Conv2d(inputs, outputs, 3, stride, padding=1, bias=bias, padding_mode="reflect")
