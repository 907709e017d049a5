"""From a photograph to its layout."""

from __future__ import annotations

import logging
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from livescape.imaging.guided_filter import apply_coefficients, guided_coefficients
from livescape.imaging.usable import LEAST_SIDE
from livescape.layout.bilateral import mean_field
from livescape.layout.colours import agree_by_colour
from livescape.layout.falls import find_falls, with_pools
from livescape.layout.features import backbone_features
from livescape.layout.head import load_head
from livescape.layout.horizon import estimate_horizon
from livescape.layout.mirror import mirror_image
from livescape.layout.rules import apply_rules, remove_specks
from livescape.layout.types import WATER, SceneLayout
from livescape_shared.errors import LivescapeError

LOGGER = logging.getLogger(__name__)


CRF_SIDE: Final = 576
WORKING_SIDE: Final = 768
"""Long sides in pixels at which classes spread over similar colours and edges are snapped;
finer edges still come from the full photograph."""

VIEWS: Final = ((512, False), (512, True), (320, False))
"""Long side in pixels, and whether mirrored, of each input to the backbone."""

UNSURE: Final = (0.25, 0.65)
"""The classifier's own probability of water at which a guess of its motion counts nothing and at
which it counts fully. Colours and neighbours make each pixel sure of one class, right or wrong."""

GUIDE_RADIUS: Final = 4
GUIDE_EPS: Final = 1e-3


def estimate_layout(image: NDArray[np.float32]) -> SceneLayout:
    """Find sky, water, ground, uprights and relief in a landscape photograph.

    Args:
        image: [H, W, 3] float32 sRGB, 0..1.

    Returns:
        The layout at the photograph's size.

    Raises:
        ValueError: If ``image`` is not [H, W, 3].
        LivescapeError: ``photo_too_small``, ``layout_backbone_missing``, ``layout_head_missing``.
    """
    if image.ndim != 3 or image.shape[2] != 3:
        raise ValueError(f"image must be [H, W, 3], not {image.shape}")
    if min(image.shape[:2]) < LEAST_SIDE:
        raise LivescapeError(
            "photo_too_small",
            f"The photograph is only {image.shape[1]} x {image.shape[0]} pixels.",
            hint=f"Use one with at least {LEAST_SIDE} pixels on each side, or better 1000.",
            stage="depth",
        )
    image = np.ascontiguousarray(image, dtype=np.float32)
    working, small = _shrink(image, WORKING_SIDE), _shrink(image, CRF_SIDE)
    cells = _resize_planes(classify_cells(working), small.shape[:2])
    falls = find_falls(small, cells)
    cells = with_pools(cells, falls)
    classes = mean_field(agree_by_colour(cells, small), small)
    planes = _resize_planes(np.concatenate([classes, falls[None]]), working.shape[:2])
    slope, offset = guided_coefficients(working, planes, GUIDE_RADIUS, GUIDE_EPS)
    refined = normalise(apply_coefficients(working, slope, offset)[:-1])
    ruled = apply_rules(refined, working)
    horizon = estimate_horizon(ruled)
    sharp = apply_coefficients(image, slope, offset)
    full, falls = normalise(sharp[:-1]), np.clip(sharp[-1], 0.0, 1.0)
    # The rules work on the small image; where they changed the class, their result is kept.
    full = remove_specks(full * _resize_planes(rule_gain(refined, ruled), image.shape[:2]))
    labels = _resize_planes(ruled, small.shape[:2]).argmax(axis=0).astype(np.uint8)
    mirror = mirror_image(small, labels)
    flows = certainty(cells[WATER]) * (1.0 - mirror)
    flows, mirror = _resize_planes(np.stack([flows, mirror]), image.shape[:2])
    LOGGER.debug("layout: horizon at %.3f of the height", horizon)
    return SceneLayout(full, horizon * image.shape[0], falls, np.maximum(flows, falls), mirror)


def certainty(water: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return how much a guess of motion counts by the classifier's own probability of water."""
    low, high = UNSURE
    return np.asarray(np.clip((water - low) / (high - low), 0.0, 1.0), dtype=np.float32)


def classify_cells(image: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return [5, h, w] probabilities on the feature grid.

    They are averaged over :data:`VIEWS`: the smaller view sees more of the scene at once, the
    mirrored one averages out noise.
    """
    head = load_head()
    views: list[NDArray[np.float32]] = []
    for long_side, mirrored in VIEWS:
        view = np.ascontiguousarray(image[:, ::-1]) if mirrored else image
        logs = head.log_probabilities(backbone_features(view, long_side))
        logs = logs[:, :, ::-1] if mirrored else logs
        views.append(logs if not views else _resize_planes(logs, views[0].shape[1:]))
    return normalise(np.exp(np.mean(views, axis=0)))


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
    return np.stack([cv2.resize(np.ascontiguousarray(p), size[::-1]) for p in planes])
