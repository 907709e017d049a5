"""Photographs as networks expect them: resized, normalised, channels first."""

from __future__ import annotations

from typing import Final, Literal

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

IMAGENET: Final = ((0.485, 0.456, 0.406), (0.229, 0.224, 0.225))
CENTRED: Final = ((0.5, 0.5, 0.5), (0.5, 0.5, 0.5))
"""Mean and standard deviation of each channel."""

Mode = Literal["bilinear", "bicubic"]


def to_tensor(image: NDArray[np.float32]) -> Tensor:
    """Return an image [H, W, 3], 0..1, as a tensor [1, 3, H, W]."""
    return torch.from_numpy(np.ascontiguousarray(image.transpose(2, 0, 1)))[None]


def normalise(image: Tensor, statistics: tuple[tuple[float, ...], tuple[float, ...]]) -> Tensor:
    """Return ``image`` [1, 3, H, W] less the mean, divided by the standard deviation."""
    mean, deviation = (image.new_tensor(each).view(1, 3, 1, 1) for each in statistics)
    return (image - mean) / deviation


def resize(image: Tensor, size: tuple[int, int], mode: Mode, *, antialias: bool = False) -> Tensor:
    """Return ``image`` [1, C, H, W] at ``size`` (height, width), pixel centres at +0.5."""
    return functional.interpolate(image, size, mode=mode, antialias=antialias, align_corners=False)


def size_near(
    size: tuple[int, int], target: tuple[int, int], multiple: int, *, keep_aspect: bool = True
) -> tuple[int, int]:
    """Return the height and width, multiples of ``multiple``, at which a network sees an image.

    The aspect is kept, and of the two scales that make one side fit ``target`` the one nearer 1 is
    taken, as MiDaS and its descendants do (resize method "minimal").

    Args:
        size: Height and width of the image.
        target: Height and width the network was trained at.
        multiple: Patch size.
        keep_aspect: Whether to; otherwise each side goes to its target.
    """
    scales = [wanted / side for wanted, side in zip(target, size, strict=True)]
    if keep_aspect:
        scales = [min(scales, key=lambda scale: abs(1.0 - scale))] * 2
    sides = [
        max(1, round(scale * side / multiple)) * multiple
        for scale, side in zip(scales, size, strict=True)
    ]
    return sides[0], sides[1]
