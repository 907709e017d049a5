"""From the output of a depth network to the depth that the pipeline works with.

Units become metres, the sky a far shell, and what is unknown or impossible takes its neighbour's
depth. Edges are made crisp and resized by the nearest pixel, surfaces smoothly, so that no veil of
false depths spans from near to far.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from livescape.context import Context
from livescape.depth.edges import sharpen_edges
from livescape.depth.networks.prediction import Prediction
from livescape.depth.scene_scale import checked_metres, inverse_to_metres, scene_reference
from livescape.depth.shell import sky_depth
from livescape.depth.types import DepthEstimate, check_photo
from livescape.imaging.guided_filter import guided_filter
from livescape.imaging.resampling import fill_unknown, resample_depth
from livescape.layout.types import SKY, SceneLayout
from livescape_shared.errors import LivescapeError

LOGGER = logging.getLogger(__name__)

Float32Array = NDArray[np.float32]
Predict = Callable[[Context, Float32Array, NDArray[np.float64]], Prediction]
"""Context, image [H, W, 3] and intrinsics [3, 3] to a prediction."""

NEAREST: Final = 0.1
FARTHEST: Final = 4000.0
"""Range in metres of everything but the sky, which the shell still lies behind."""

KNOWN_SHARE: Final = 0.5
"""Smallest share of the pixels outside the sky for which a prediction must give a depth."""

BELOW_HORIZON: Final = 0.2
"""Probability of sky in the layout above which a network's sky is accepted below the horizon,
where it is mostly a reflection in water or a pixel without depth."""

CONFIDENCE: Final = 0.9
FILLED_CONFIDENCE: Final = 0.3

EDGE_EPS: Final = 1e-3
"""Regulariser of the filter that snaps a network's sky to the photograph's edges."""


def learned_depth(
    context: Context,
    image: Float32Array,
    layout: SceneLayout,
    intrinsics: NDArray[np.float64],
    predict: Predict,
    source: str,
) -> DepthEstimate:
    """Return the depth that a network finds in a photograph.

    Args:
        context: Provides the models and the device.
        image: [H, W, 3] float32 sRGB, 0..1.
        layout: Layout of the same photograph.
        intrinsics: [3, 3] K in pixels of the photograph.
        predict: The network.
        source: Name of the estimator.

    Raises:
        ValueError: If a shape does not fit.
        LivescapeError: ``depth_failed`` and the codes of the network.
    """
    check_photo(image, layout, intrinsics)
    prediction = predict(context, image, intrinsics)
    sky = sky_mask(prediction.sky, image, layout)
    # A pixel of the coarser grid that is partly sky has a depth between two things.
    size = prediction.values.shape[::-1]
    small = cv2.resize(sky.astype(np.float32), size, interpolation=cv2.INTER_AREA) > 0.0
    if small.all() and not sky.all():
        small = np.zeros_like(small)
    depth, known = _solid_depth(prediction, small, image, layout, intrinsics)
    filled = resample_depth((~known & ~small).astype(np.float32), layout.size) > 0.5
    depth = sharpen_edges(np.clip(depth, NEAREST, FARTHEST))
    depth = resample_depth(depth, layout.size)
    depth[sky] = sky_depth(depth, sky)
    confidence = np.where(filled & ~sky, FILLED_CONFIDENCE, CONFIDENCE).astype(np.float32)
    return DepthEstimate(depth, sky, confidence, layout.horizon_row, source)


def sky_mask(
    predicted: NDArray[np.bool_] | None, image: Float32Array, layout: SceneLayout
) -> NDArray[np.bool_]:
    """Return where the sky is, [H, W]: from the network, or else from the layout.

    A network's sky is made crisp at the photograph's edges.

    Args:
        predicted: [h, w] bool of any size, if the network predicts one.
        image: [H, W, 3] float32 sRGB photograph.
        layout: Layout of the photograph.
    """
    if predicted is None:
        return np.asarray(layout.labels == SKY)
    height, width = layout.size
    soft = np.asarray(cv2.resize(predicted.astype(np.float32), (width, height)), dtype=np.float32)
    radius = max(1, round(1.5 * max(height / predicted.shape[0], width / predicted.shape[1])))
    sky = guided_filter(image, soft[None], radius, EDGE_EPS)[0] > 0.5
    above = (np.arange(height) + 0.5 < layout.horizon_row)[:, None]
    return np.asarray(sky & (above | (layout.sky > BELOW_HORIZON)))


def _solid_depth(
    prediction: Prediction,
    sky: NDArray[np.bool_],
    image: Float32Array,
    layout: SceneLayout,
    intrinsics: NDArray[np.float64],
) -> tuple[Float32Array, NDArray[np.bool_]]:
    """Return metres [h, w] everywhere, the sky's taken from beside it, and where they are known."""
    values = prediction.values
    known = np.isfinite(values) & ~sky
    if prediction.unit == "metres":
        known &= np.where(np.isfinite(values), values, 0.0) > 0.0
    if sky.all():
        return np.full(values.shape, FARTHEST, np.float32), known
    if known.sum() < KNOWN_SHARE * (~sky).sum():
        raise LivescapeError(
            "depth_failed",
            f"The network found no depth in {1.0 - known.sum() / (~sky).sum():.0%} of the photo.",
            hint="Choose another depth estimator, such as popup.",
            stage="depth",
        )
    reference = scene_reference(image, layout, intrinsics, (values.shape[0], values.shape[1]))
    safe = np.where(known, values, 1.0).astype(np.float32)
    to_metres = checked_metres if prediction.unit == "metres" else inverse_to_metres
    return fill_unknown(to_metres(safe, known, reference), ~known), known
