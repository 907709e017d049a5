"""ZoeDepth (Bhat et al., 2023), the paper's depth network: metres.

As its authors run it: the image is padded by reflection, which keeps border artefacts out of it,
and the result is the mean of the image's and of its mirror image's.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from livescape.context import Context
from livescape.depth.networks.images import CENTRED, normalise, resize, size_near, to_tensor
from livescape.depth.networks.prediction import Prediction
from livescape.networks.torch_model import load_torch_model

NAME = "zoedepth"
TARGET = (384, 512)
PATCH = 32
"""Height and width the network was trained at, and what its sides must be multiples of."""

PADDING = 3.0
"""Padding of a side of n pixels, in units of sqrt(n / 2)."""


def predict(
    context: Context, image: NDArray[np.float32], intrinsics: NDArray[np.float64]
) -> Prediction:
    """Return depth in metres at the photograph's size.

    Args:
        context: Provides the models and the device.
        image: [H, W, 3] float32 sRGB, 0..1.
        intrinsics: Not needed.

    Raises:
        LivescapeError: The codes of :func:`~livescape.networks.torch_model.load_torch_model`.
    """
    del intrinsics
    model = load_torch_model(context, NAME, "ZoeDepthForDepthEstimation", "zoedepth")
    pixels = to_tensor(image).to(model.device)
    plain = context.progress.waiting(lambda: _inferred(model, pixels))
    mirrored = context.progress.waiting(lambda: _inferred(model, pixels.flip(-1))).flip(-1)
    return Prediction(((plain + mirrored) / 2.0).float().cpu().numpy(), "metres")


def _inferred(model: Any, pixels: Tensor) -> Tensor:
    with torch.inference_mode():
        return padded_run(model, pixels)


def padded_run(model: Any, pixels: Tensor) -> Tensor:
    """Return the depth [H, W] of ``pixels`` [1, 3, H, W] by way of a padded image."""
    height, width = pixels.shape[2:]
    rows, columns = (min(int(PADDING * math.sqrt(n / 2)), n - 1) for n in (height, width))
    padded = functional.pad(pixels, (columns, columns, rows, rows), mode="reflect")
    around = (height + 2 * rows, width + 2 * columns)
    seen = functional.interpolate(
        padded, size_near(around, TARGET, PATCH), mode="bilinear", align_corners=True
    )
    output = model(pixel_values=normalise(seen, CENTRED))
    depth = resize(output.predicted_depth[:, None], around, "bicubic")[0, 0]
    return depth[rows : rows + height, columns : columns + width]
