"""Remove camera shake from a clip: the still parts of the picture fix the frames in place.

Only shake is removed. A panning camera moves everything by one motion, as a sky full of clouds
does, and by the picture alone the two cannot be told apart; :mod:`.steady` can where depth is known
and what stands.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise

import cv2
import numpy as np
from numpy.typing import NDArray

from livescape.imaging.sampling import pixel_centres
from livescape.motion.dense_flow import dense_flow

Float32Array = NDArray[np.float32]
UInt8Array = NDArray[np.uint8]

EXCURSION_PX = 4.0
"""Largest shake of the last frame relative to the first."""

_STILL = 0.25
_STILL_PX = 0.1
"""Ground moves less than that share of the fastest part, but this much motion is always allowed."""

_LEAST_GROUND = 0.02
_SAMPLES = 2000
_INLIER_PX = 0.5
_LEAST_INLIERS = 0.5
_WORTHWHILE_PX = 0.1
_STRUCTURE = 1e-4
"""Least eigenvalue of the structure tensor that holds a pixel in place, in squared grey levels."""


def stabilised(
    frames: Sequence[UInt8Array], progress: Callable[[int, int], None] = lambda *_: None
) -> list[UInt8Array]:
    """Return grey frames [H, W] laid onto the first one.

    Each frame is moved by the similarity transform that most of the ground follows (RANSAC). If no
    ground is visible, or the camera did not shake, frames stay as they are.

    Args:
        frames: [T] of them.
        progress: Called with (flow, flows) before each that is measured; may raise to stop.
    """
    first, flows = frames[0], 2 * (len(frames) - 1)
    ground = find_ground(frames, lambda number: progress(number, flows))
    if ground.mean() < _LEAST_GROUND:
        return list(frames)
    steady = [first]
    for number, frame in enumerate(frames[1:], len(frames) - 1):
        progress(number, flows)
        shift = _similarity(dense_flow(first, frame), ground)
        steady.append(frame if shift is None else _moved(frame, shift))
    return steady


def find_ground(
    frames: Sequence[UInt8Array], proceed: Callable[[int], None] = lambda _: None
) -> NDArray[np.bool_]:
    """Return [H, W] the still parts that have enough texture to track.

    The mean of consecutive flows telescopes, so that shake leaves at most its last excursion over
    the number of frames.

    Args:
        frames: [T] of them.
        proceed: Called with the number of each pair before its flow is measured; may raise.
    """
    mean = np.zeros((*frames[0].shape, 2), np.float32)
    for number, (before, after) in enumerate(pairwise(frames)):
        proceed(number)
        mean += dense_flow(before, after) / np.float32(len(frames) - 1)
    speed = np.linalg.norm(mean, axis=-1)
    shaken = min(_STILL * float(np.percentile(speed, 99)), EXCURSION_PX / (len(frames) - 1))
    structure = cv2.cornerMinEigenVal(frames[0].astype(np.float32) / 255.0, 5)
    return np.asarray((speed < max(shaken, _STILL_PX)) & (structure > _STRUCTURE))


def _similarity(flow: Float32Array, ground: NDArray[np.bool_]) -> NDArray[np.float64] | None:
    """Return the matrix [2, 3] that the ground followed, None if it moved by next to nothing."""
    height, width = ground.shape
    chosen = np.flatnonzero(ground)
    chosen = chosen[:: max(1, len(chosen) // _SAMPLES)]
    start = pixel_centres(height, width).reshape(-1, 2)[chosen] - 0.5
    end = start + flow.reshape(-1, 2)[chosen]
    found, inliers = cv2.estimateAffinePartial2D(
        start, end, method=cv2.RANSAC, ransacReprojThreshold=_INLIER_PX
    )
    if found is None or inliers.mean() < _LEAST_INLIERS:
        return None
    matrix = np.asarray(found, np.float64)
    corners = np.array([[0, 0], [width, 0], [0, height], [width, height]], np.float64)
    far = np.abs(corners @ matrix[:, :2].T + matrix[:, 2] - corners).max()
    return matrix if _WORTHWHILE_PX < far < 0.25 * width else None


def _moved(frame: UInt8Array, matrix: NDArray[np.float64]) -> UInt8Array:
    """Return the frame read where ``matrix`` says that the first frame's pixels went."""
    size = (frame.shape[1], frame.shape[0])
    how = cv2.INTER_CUBIC | cv2.WARP_INVERSE_MAP
    moved = cv2.warpAffine(frame, matrix, size, flags=how, borderMode=cv2.BORDER_REPLICATE)
    return np.asarray(moved, dtype=np.uint8)
