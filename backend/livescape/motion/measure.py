"""How much a rendered sequence moves, measured by optical flow."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import cv2
import numpy as np
from numpy.typing import NDArray

from livescape.motion.dense_flow import dense_flow, grey

_MARGIN = 5


@dataclass(frozen=True)
class ImageMotion:
    """Mean length of the optical flow between consecutive frames.

    Attributes:
        inside: Within the mask, pixels per frame; 0 if the mask holds no pixel.
        outside: Beyond the mask, pixels per frame; 0 if the mask leaves no pixel.
    """

    inside: float
    outside: float


def image_motion(
    frames: Sequence[NDArray[np.floating] | NDArray[np.uint8]],
    mask: NDArray[np.floating],
    *,
    margin: int = _MARGIN,
) -> ImageMotion:
    """Measure the motion of frames that a fixed camera rendered.

    DIS optical flow (OpenCV) needs texture: the motion of a smooth sky is underestimated.

    Args:
        frames: At least two images [H, W, 3], uint8 or 0..1.
        mask: [H, W], the region that should move.
        margin: Pixels on both sides of the mask's edge that count as neither.
    """
    if len(frames) < 2:
        raise ValueError(f"motion needs two frames, not {len(frames)}")
    moving = (mask > 0.5).astype(np.uint8)
    element = np.ones((2 * margin + 1, 2 * margin + 1), np.uint8)
    inside = cv2.erode(moving, element).astype(bool)
    outside = ~cv2.dilate(moving, element).astype(bool)
    flows = [dense_flow(first, second) for first, second in pairwise(map(grey, frames))]
    lengths = np.mean([np.linalg.norm(flow, axis=-1) for flow in flows], axis=0)
    return ImageMotion(
        float(lengths[inside].mean()) if inside.any() else 0.0,
        float(lengths[outside].mean()) if outside.any() else 0.0,
    )
