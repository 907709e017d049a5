"""Smooth filling by push-pull: averages of ever wider areas, for holes of any shape."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

Float32Image = NDArray[np.float32]
Mask = NDArray[np.bool_]
Floats = NDArray[np.floating]

RESIZED_AT_ONCE = 4
"""Channels that OpenCV averages over areas in one call."""


def fill_smooth(values: Float32Image, valid: Mask) -> Float32Image:
    """Fill invalid pixels of [H, W] or [H, W, C] by push-pull: averages of ever wider areas.

    Where no pixel is valid there is nothing to average, and the result is 0.
    """
    squeeze = values.ndim == 2
    image = values[..., None] if squeeze else values
    weights = valid.astype(np.float32)
    filled = push_pull(np.where(valid[..., None], image, 0.0).astype(np.float32), weights)
    result = np.where(valid[..., None], image, filled).astype(np.float32)
    return result[..., 0] if squeeze else result


def push_pull(weighted: Floats, weights: Floats, gain: float = 4.0) -> Floats:
    """Return averages of ``weighted``, coarser where weights are scarce.

    Args:
        weighted: [H, W, C] values times weights, of either precision.
        weights: [H, W] of the same precision.
        gain: 4 lets one known pixel of four decide for all, which stays close to the hole's rim;
            1 averages over a wider area.
    """
    if weighted.shape[2] > RESIZED_AT_ONCE:
        firsts = range(0, weighted.shape[2], RESIZED_AT_ONCE)
        parts = [weighted[..., first : first + RESIZED_AT_ONCE] for first in firsts]
        return np.concatenate([push_pull(part, weights, gain) for part in parts], axis=-1)
    height, width = weights.shape
    own = np.asarray(weighted / np.maximum(weights, 1e-6)[..., None])
    if weights.min() >= 1.0:
        return own
    if min(height, width) <= 2:
        # Too small to halve again: what is still empty takes the mean of all the rest.
        mean = weighted.sum(axis=(0, 1)) / max(float(weights.sum()), 1e-6)
        return np.where(weights[..., None] > 1e-6, own, mean)
    size = ((width + 1) // 2, (height + 1) // 2)
    channels = weighted.shape[2]
    coarse_values = cv2.resize(weighted, size, interpolation=cv2.INTER_AREA)
    coarse_values = coarse_values.reshape(size[1], size[0], channels)
    coarse_weights = np.asarray(cv2.resize(weights, size, interpolation=cv2.INTER_AREA))
    scale = np.minimum(1.0, gain * coarse_weights) / np.maximum(coarse_weights, 1e-6)
    coarse = push_pull(coarse_values * scale[..., None], coarse_weights * scale, gain)
    blurred = cv2.resize(coarse, (width, height), interpolation=cv2.INTER_LINEAR)
    share = np.minimum(weights, 1.0)[..., None]
    return np.asarray(own * share + blurred.reshape(own.shape) * (1.0 - share))
