"""Depth Anything V2 (Yang et al., NeurIPS 2024), the small relative model.

It gives inverse depth up to scale and offset; a checkpoint whose config says "metric" gives metres.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from livescape.context import Context
from livescape.depth.networks.images import IMAGENET, normalise, resize, size_near, to_tensor
from livescape.depth.networks.prediction import Prediction
from livescape.networks.torch_model import inferred, load_torch_model

NAME = "depth_anything_v2"
SIDE = 518
"""Side in pixels at which the network was trained."""


def predict(
    context: Context, image: NDArray[np.float32], intrinsics: NDArray[np.float64]
) -> Prediction:
    """Return inverse depth up to scale and offset, at the network's own size.

    Args:
        context: Provides the models and the device.
        image: [H, W, 3] float32 sRGB, 0..1.
        intrinsics: Not needed.

    Raises:
        LivescapeError: The codes of :func:`~livescape.networks.torch_model.load_torch_model`.
    """
    del intrinsics
    model = load_torch_model(context, NAME, "DepthAnythingForDepthEstimation", "depth_anything")
    size = size_near((image.shape[0], image.shape[1]), (SIDE, SIDE), model.config.patch_size)
    pixels = resize(to_tensor(image), size, "bicubic", antialias=True).clamp(0.0, 1.0)
    normal = normalise(pixels, IMAGENET)
    output = context.progress.waiting(lambda: inferred(model, normal))
    metric = model.config.depth_estimation_type == "metric"
    values = output.predicted_depth[0].float().cpu().numpy()
    return Prediction(values, "metres" if metric else "inverse")
