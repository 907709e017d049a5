"""Keep the contrast of flowing texture while two copies of it cross-fade.

Two different textures mixed half and half vary less than either, by 1 / sqrt(2): ripples would turn
dull in the middle of every loop. Details are therefore amplified before mixing, to make up for the
contrast that mixing loses; details are the difference of an image from its local mean. The same
idea keeps the variance of blended textures in example-based noise (Heitz and Neyret 2018).
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

Float32Array = NDArray[np.float32]

DETAIL = 0.012
"""Sigma of the local mean, as a fraction of the image's width; ripples are smaller."""

SIMILAR = 0.5
"""Displacement over a loop, in sigmas, up to which both copies show nearly the same."""


def local_mean(image: NDArray[np.floating], mask: NDArray[np.floating]) -> Float32Array:
    """Return the mean [H, W, 3] around each pixel of what moves; the image itself elsewhere.

    Args:
        image: [H, W, 3].
        mask: [H, W] 0..1, what moves.
    """
    sigma = DETAIL * image.shape[1]
    weight = mask.astype(np.float32)
    total = cv2.GaussianBlur(image.astype(np.float32) * weight[..., None], (0, 0), sigma)
    share = cv2.GaussianBlur(weight, (0, 0), sigma)[..., None]
    mean = total / np.maximum(share, 1e-6)
    return np.asarray(np.where(weight[..., None] > 0, mean, image), dtype=np.float32)


def similarity(flow: NDArray[np.floating], loop_frames: int) -> Float32Array:
    """Return the similarity [H, W] of both copies, 0..1: slow content overlaps with itself."""
    reach = SIMILAR * DETAIL * flow.shape[1]
    moved = loop_frames * np.linalg.norm(flow, axis=-1)
    return np.asarray(np.exp(-0.5 * (moved / reach) ** 2), dtype=np.float32)


def raised(
    image: NDArray[np.floating],
    mean: NDArray[np.floating],
    similar: NDArray[np.floating],
    t: float,
) -> Float32Array:
    """Return ``image`` with its details amplified by the contrast that a mix of 1 - t and t loses.

    Args:
        image: [H, W, 3] in 0..1.
        mean: [H, W, 3] of :func:`local_mean`.
        similar: [H, W] of :func:`similarity`.
        t: Loop time; at 0 the image is returned as it is.
    """
    gain = 1.0 / np.sqrt(1.0 - 2.0 * (1.0 - similar) * t * (1.0 - t))
    lively = image + (gain[..., None] - 1.0) * (image - mean)
    return np.asarray(np.clip(lively, 0.0, 1.0), dtype=np.float32)
