"""How much a rendered sequence moves, as optical flow sees it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import cv2
import numpy as np
from numpy.typing import NDArray

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

    DIS optical flow (OpenCV) sees texture only: a smooth sky that moves measures less than it
    moves.

    Args:
        frames: At least two images [H, W, 3], uint8 or 0..1.
        mask: [H, W], what is meant to move.
        margin: Pixels on both sides of the mask's edge that count as neither.
    """
    if len(frames) < 2:
        raise ValueError(f"motion needs two frames, not {len(frames)}")
    moving = (mask > 0.5).astype(np.uint8)
    element = np.ones((2 * margin + 1, 2 * margin + 1), np.uint8)
    inside = cv2.erode(moving, element).astype(bool)
    outside = ~cv2.dilate(moving, element).astype(bool)
    grey = [_grey(frame) for frame in frames]
    lengths = np.mean([dense_speed(a, b) for a, b in pairwise(grey)], axis=0)
    return ImageMotion(
        float(lengths[inside].mean()) if inside.any() else 0.0,
        float(lengths[outside].mean()) if outside.any() else 0.0,
    )


def dense_speed(first: NDArray[np.uint8], second: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Return the length [H, W] of the DIS flow between two grey images [H, W]."""
    estimator = cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_MEDIUM)
    flow = estimator.calc(first, second, np.zeros((*first.shape, 2), np.float32))
    return np.asarray(np.linalg.norm(flow, axis=-1), dtype=np.float32)


def _grey(frame: NDArray[np.floating] | NDArray[np.uint8]) -> NDArray[np.uint8]:
    pixels = frame if frame.dtype == np.uint8 else (np.clip(frame, 0, 1) * 255).round()
    return np.asarray(cv2.cvtColor(pixels.astype(np.uint8), cv2.COLOR_RGB2GRAY), dtype=np.uint8)
