"""Forward warping by softmax splatting: every pixel is splatted where its motion leads."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from livescape.engine.dispatch import on_cpu
from livescape.engine.splat import cpu, cuda

Float32Array = NDArray[np.float32]

EMPTY = 1e-6
"""A pixel that received less weight than this is a hole."""


def splat(
    values: Float32Array,
    displacement: NDArray[np.floating],
    weight: NDArray[np.floating],
    *,
    device: str = "cpu",
) -> tuple[Float32Array, Float32Array]:
    """Splat each pixel, times its weight, onto the four pixels around its new position.

    Args:
        values: [H, W, C].
        displacement: [H, W, 2] pixels.
        weight: [H, W] >= 0, such as exp(Z) of softmax splatting (Niklaus and Liu, CVPR 2020).
        device: Where to splat. On CUDA the last digits of sums depend on the order of arrival.

    Returns:
        Weighted sums [H, W, C] and sums of weights [H, W]; what leaves the frame is lost.
    """
    if on_cpu(device):
        return cpu.splat(values, displacement, weight)
    return cuda.splat(values, displacement, weight, device)


def symmetric_splat(
    values: Float32Array,
    forward: NDArray[np.floating],
    backward: NDArray[np.floating],
    blend: float | tuple[NDArray[np.floating], NDArray[np.floating]],
    importance: NDArray[np.floating] | None = None,
    *,
    device: str = "cpu",
) -> tuple[Float32Array, Float32Array]:
    """Splat ``values`` along both displacements and mix them.

    Holes that one direction leaves are covered by the other (Holynski et al.).

    Args:
        values: [H, W, C].
        forward: [H, W, 2] displacement from the loop's start to now, in pixels.
        backward: [H, W, 2] displacement from the loop's end back to now.
        blend: Share of the backward copy, 0..1, the forward copy having the rest; or both shares
            [H, W] of each pixel.
        importance: [H, W] logarithm of the weight of each pixel; zero by default.
        device: Where to splat.

    Returns:
        Mixed values [H, W, C], 0 in holes, and the weight [H, W] each pixel received.
    """
    shared = np.ones(values.shape[:2], np.float32)
    if importance is not None:
        shared = np.exp(np.clip(importance - importance.max(), -20, 20)).astype(np.float32)
    shares = blend if isinstance(blend, tuple) else (np.float32(1.0 - blend), np.float32(blend))
    there, weight = splat(values, forward, shared * shares[0], device=device)
    back, other = splat(values, backward, shared * shares[1], device=device)
    total = weight + other
    mixed = (there + back) / np.maximum(total, EMPTY)[..., None]
    return np.where((total > EMPTY)[..., None], mixed, 0).astype(np.float32), total


def fill_holes(values: Float32Array, weight: NDArray[np.floating], window: int = 7) -> Float32Array:
    """Fill pixels of no weight with the mean of their neighbours that have one.

    The window doubles until every hole is filled; an image of nothing but holes stays as it is.
    """
    filled = values.copy()
    known = (weight > EMPTY).astype(np.float32)
    while 0 < known.sum() < known.size and window < 2 * max(known.shape):
        share = cv2.boxFilter(known, -1, (window, window), borderType=cv2.BORDER_CONSTANT)
        mean = cv2.boxFilter(
            filled * known[..., None], -1, (window, window), borderType=cv2.BORDER_CONSTANT
        )
        mean = mean.reshape(filled.shape) / np.maximum(share, EMPTY)[..., None]
        reached = (known == 0) & (share > EMPTY)
        filled[reached] = mean[reached]
        known[reached] = 1.0
        window *= 2
    return filled
