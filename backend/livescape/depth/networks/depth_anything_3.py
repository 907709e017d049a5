"""Depth Anything 3, metric large (Lin et al., 2025), as ONNX: metres and sky.

Its depth is that of a camera with a focal length of 300 pixels, of the pixels the network sees.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from livescape.context import Context
from livescape.depth.networks.images import IMAGENET, normalise, resize, size_near, to_tensor
from livescape.depth.networks.prediction import Prediction
from livescape.networks.onnx_model import OnnxModel
from livescape.networks.registry import MODELS
from livescape.networks.store import model_unreadable

NAME = "depth_anything_3"
SIDE = 504
PATCH = 14
CANONICAL_FOCAL = 300.0
SKY_SCORE = 0.5


def predict(
    context: Context, image: NDArray[np.float32], intrinsics: NDArray[np.float64]
) -> Prediction:
    """Return depth in metres and sky, at the network's own size.

    Args:
        context: Provides the models and the device.
        image: [H, W, 3] float32 sRGB, 0..1.
        intrinsics: [3, 3] K in pixels of the photograph.

    Raises:
        LivescapeError: The codes of :class:`~livescape.networks.onnx_model.OnnxModel`.
    """
    model = OnnxModel(context, NAME, ["image"], ["depth", "sky"])
    shape = model.input_shape("image")
    if len(shape) != 4:
        raise model_unreadable(MODELS[NAME], f"its input has {len(shape)} axes instead of 4")
    height, width = image.shape[:2]
    free = size_near((height, width), (SIDE, SIDE), PATCH)
    # An export is traced at one size, to which the photograph is squeezed.
    size = shape[2] or free[0], shape[3] or free[1]
    pixels = normalise(resize(to_tensor(image), size, "bilinear", antialias=True), IMAGENET)
    depth, sky = (values.reshape(size) for values in model.run({"image": pixels.numpy()}))
    focal = network_focal(intrinsics, (height, width), size)
    return Prediction(depth * np.float32(focal / CANONICAL_FOCAL), "metres", sky >= SKY_SCORE)


def network_focal(
    intrinsics: NDArray[np.float64], photo: tuple[int, int], network: tuple[int, int]
) -> float:
    """Return the focal length in pixels of the network, the mean of both axes.

    Args:
        intrinsics: [3, 3] K in pixels of the photograph.
        photo: Its height and width.
        network: Height and width that the network sees.
    """
    down = float(intrinsics[1, 1]) * network[0] / photo[0]
    across = float(intrinsics[0, 0]) * network[1] / photo[1]
    return math.sqrt(down * across)
