"""Depth Pro (Bochkovskii et al., ICLR 2025): canonical inverse depth, metres with a focal length.

The network also guesses the field of view. Depth does not use it: the photograph's camera is known
where depth is wanted, possibly by this guess (:mod:`livescape.depth.focal`).
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from livescape.context import Context
from livescape.depth.networks.images import CENTRED, normalise, resize, to_tensor
from livescape.depth.networks.prediction import Prediction
from livescape.networks.torch_model import inferred, load_torch_model

NAME = "depth_pro"

LEAST_INVERSE = 1e-4
"""Inverse depth in 1 / metres of all that is farther than 10 km."""


def predict(
    context: Context, image: NDArray[np.float32], intrinsics: NDArray[np.float64]
) -> Prediction:
    """Return depth in metres at the network's own size, which is square.

    Args:
        context: Provides the models and the device.
        image: [H, W, 3] float32 sRGB, 0..1.
        intrinsics: [3, 3] K in pixels of the photograph.

    Raises:
        LivescapeError: The codes of :func:`~livescape.networks.torch_model.load_torch_model`.
    """
    canonical = _run(context, image).predicted_depth[0].float().cpu().numpy()
    return Prediction(canonical_to_metres(canonical, image.shape[1], intrinsics), "metres")


def own_focal(context: Context, image: NDArray[np.float32]) -> float:
    """Return the focal length that the network sees, in widths of the photograph; 0 if it cannot.

    Raises:
        LivescapeError: The codes of :func:`~livescape.networks.torch_model.load_torch_model`.
    """
    seen = _run(context, image).field_of_view
    degrees = 0.0 if seen is None else float(seen.flatten()[0])
    return 0.5 / math.tan(0.5 * math.radians(degrees)) if 0.0 < degrees < 180.0 else 0.0


def _run(context: Context, image: NDArray[np.float32]) -> Any:
    model = load_torch_model(
        context, NAME, "DepthProForDepthEstimation", "depth_pro", attention="sdpa"
    )
    # The coarsest of its scales must be one patch: 1536 for the published model.
    side = round(model.config.patch_size / min(model.config.scaled_images_ratios))
    pixels = resize(normalise(to_tensor(image), CENTRED), (side, side), "bilinear")
    return context.progress.waiting(lambda: inferred(model, pixels))


def canonical_to_metres(
    canonical: NDArray[np.float32], width: int, intrinsics: NDArray[np.float64]
) -> NDArray[np.float32]:
    """Return metres: 1 / (canonical * width / focal), as the authors define the canonical camera.

    Args:
        canonical: [h, w] inverse depth of a camera whose focal length is the image's width.
        width: Width in pixels of the photograph.
        intrinsics: [3, 3] K in pixels of the photograph.
    """
    inverse = canonical * np.float32(width / float(intrinsics[0, 0]))
    return np.asarray(1.0 / np.maximum(inverse, LEAST_INVERSE), dtype=np.float32)
