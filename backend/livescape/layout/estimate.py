"""From a photograph to its layout."""

from __future__ import annotations

import logging
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from livescape.layout.features import backbone_features
from livescape.layout.guided import apply_coefficients, guided_coefficients
from livescape.layout.head import load_head
from livescape.layout.horizon import estimate_horizon
from livescape.layout.rules import apply_rules
from livescape.layout.types import SceneLayout

LOGGER = logging.getLogger(__name__)

WORKING_SIDE: Final = 768
"""Long side in pixels at which masks are refined; finer edges come from the full guide."""

GUIDE_RADIUS: Final = 10
GUIDE_EPS: Final = 2e-4


def estimate_layout(image: NDArray[np.float32]) -> SceneLayout:
    """Find sky, water, ground, uprights and relief in a landscape photograph.

    Args:
        image: [H, W, 3] float32 sRGB, 0..1.

    Returns:
        The layout at the photograph's size.

    Raises:
        ValueError: If ``image`` is not [H, W, 3].
        LivescapeError: ``layout_backbone_missing``, ``layout_head_missing``.
    """
    if image.ndim != 3 or image.shape[2] != 3:
        raise ValueError(f"image must be [H, W, 3], not {image.shape}")
    image = np.ascontiguousarray(image, dtype=np.float32)
    working = _shrink(image, WORKING_SIDE)
    probabilities = _resize_planes(classify_cells(working), working.shape[:2])
    slope, offset = guided_coefficients(working, probabilities, GUIDE_RADIUS, GUIDE_EPS)
    refined = normalise(apply_coefficients(working, slope, offset))
    ruled = apply_rules(refined, working)
    horizon = estimate_horizon(ruled)
    full = normalise(apply_coefficients(image, slope, offset))
    # The rules decide on the small image; where they changed the class, their verdict is kept.
    full = normalise(full * _resize_planes(rule_gain(refined, ruled), image.shape[:2]))
    LOGGER.debug("layout: horizon at %.3f of the height", horizon)
    return SceneLayout(full, horizon * image.shape[0])


def classify_cells(image: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return [5, h, w] probabilities on the feature grid, averaged with the mirrored photograph."""
    head = load_head()
    straight = head.log_probabilities(backbone_features(image))
    mirrored = head.log_probabilities(backbone_features(np.ascontiguousarray(image[:, ::-1])))
    return normalise(np.exp(0.5 * (straight + mirrored[:, :, ::-1])))


def normalise(planes: NDArray[np.float32]) -> NDArray[np.float32]:
    """Clip planes [C, H, W] to positive and scale them to sum to one over the first axis."""
    positive = np.maximum(planes, 1e-4)
    return np.asarray(positive / positive.sum(axis=0, keepdims=True), dtype=np.float32)


def rule_gain(before: NDArray[np.float32], after: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the factor [C, H, W] by which the rules changed each probability."""
    return np.asarray(np.clip(after / before, 1e-3, 1e3), dtype=np.float32)


def _shrink(image: NDArray[np.float32], long_side: int) -> NDArray[np.float32]:
    scale = long_side / max(image.shape[:2])
    if scale >= 1.0:
        return image
    size = (round(image.shape[1] * scale), round(image.shape[0] * scale))
    return np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_AREA), dtype=np.float32)


def _resize_planes(planes: NDArray[np.float32], size: tuple[int, int]) -> NDArray[np.float32]:
    return np.stack([cv2.resize(plane, size[::-1]) for plane in planes])
