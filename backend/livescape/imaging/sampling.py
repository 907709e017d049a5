"""Look up and resize images at continuous pixel positions (pixel centres at +0.5)."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.floating]
Float32Array = NDArray[np.float32]


def pixel_centres(height: int, width: int) -> Float32Array:
    """Return the position [H, W, 2] (x, y) of every pixel centre."""
    y, x = np.mgrid[:height, :width].astype(np.float32)
    return np.stack((x + 0.5, y + 0.5), axis=-1)


def sample_bilinear(image: FloatArray, positions: FloatArray) -> FloatArray:
    """Interpolate ``image`` [H, W, C] at ``positions`` [..., 2]; the edge continues outside.

    Returns:
        [..., C] in the type of ``image``.
    """
    height, width = image.shape[:2]
    x = np.clip(positions[..., 0] - 0.5, 0, width - 1)
    y = np.clip(positions[..., 1] - 0.5, 0, height - 1)
    x0 = np.minimum(x.astype(np.int64), max(width - 2, 0))
    y0 = np.minimum(y.astype(np.int64), max(height - 2, 0))
    right, below = min(1, width - 1), width * min(1, height - 1)
    flat = image.reshape(height * width, -1)
    corner = y0 * width + x0
    fx = (x - x0).astype(image.dtype)[..., None]
    fy = (y - y0).astype(image.dtype)[..., None]
    top = flat[corner] * (1 - fx) + flat[corner + right] * fx
    bottom = flat[corner + below] * (1 - fx) + flat[corner + below + right] * fx
    return np.asarray(top * (1 - fy) + bottom * fy)


def sample_nearest(image: FloatArray, positions: FloatArray) -> FloatArray:
    """Return the pixel of ``image`` [H, W, C] that holds each of ``positions`` [..., 2].

    On the border between two pixels the one of even index wins, which is round-half-even on
    integer pixel coordinates. The edge continues outside.
    """
    height, width = image.shape[:2]
    column = np.rint(positions[..., 0] - 0.5).astype(np.int64).clip(0, width - 1)
    row = np.rint(positions[..., 1] - 0.5).astype(np.int64).clip(0, height - 1)
    return np.asarray(image[row, column])


def resize(image: FloatArray, width: int, height: int) -> Float32Array:
    """Resize [H, W] or [H, W, C] to the given size: by area when shrinking, else bilinearly."""
    if image.shape[:2] == (height, width):
        return image.astype(np.float32)
    shrinks = image.shape[0] >= height and image.shape[1] >= width
    method = cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR
    resized = cv2.resize(
        image.astype(np.float32, copy=False), (width, height), interpolation=method
    )
    return np.asarray(resized, dtype=np.float32)


def working_size(width: int, height: int, long_side: int) -> tuple[int, int]:
    """Return the size whose long side is at most ``long_side``, never enlarged, both even."""
    factor = min(1.0, long_side / max(width, height))
    return max(2, round(width * factor / 2) * 2), max(2, round(height * factor / 2) * 2)


def resize_image(image: Float32Array, width: int, height: int) -> Float32Array:
    """Resize an image [H, W, ...] of values 0..1, which they stay; see :func:`resize`."""
    return np.clip(resize(image, width, height), 0.0, 1.0)
