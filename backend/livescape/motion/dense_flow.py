"""Dense optical flow between two pictures: DIS (Kroeger et al., ECCV 2016), of OpenCV."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

Float32Array = NDArray[np.float32]
UInt8Array = NDArray[np.uint8]


def dense_flow(first: UInt8Array, second: UInt8Array) -> Float32Array:
    """Return where every pixel of ``first`` went.

    Args:
        first: [H, W] grey.
        second: [H, W] grey.

    Returns:
        [H, W, 2] pixels.
    """
    estimator = cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_MEDIUM)
    flow = estimator.calc(first, second, np.zeros((*first.shape, 2), np.float32))
    return np.asarray(flow, dtype=np.float32)


def grey(frame: NDArray[np.floating] | UInt8Array) -> UInt8Array:
    """Return the luminance [H, W] of an image [H, W, 3], uint8 or 0..1."""
    pixels = frame if frame.dtype == np.uint8 else (np.clip(frame, 0, 1) * 255).round()
    return np.asarray(cv2.cvtColor(pixels.astype(np.uint8), cv2.COLOR_RGB2GRAY), dtype=np.uint8)
