"""Where a guess moves less: what would show most that it is wrong.

The error of a guess that is off by a little is as large as the texture there is strong. And what
stands out from the rest of its water or sky is the likelier something else that was taken for it: a
stone, a bank, a vapour trail, a building in the haze. So the stronger a texture is than usual, the
less it is moved, and so is what lies beside land, where the outline may be wrong. All the rest
moves faster by as much: what is guessed of the speed is its mean.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

Float32Array = NDArray[np.float32]
Mask = NDArray[np.bool_]

AROUND = 0.015
"""Sigma, as a share of the width, within which texture is as strong as its root mean square."""

OUTLINE = 0.03
"""Share of the width within which an outline may be wrong; half of that beside it, half within."""

BROADEST_POST = 0.02
"""Share of the width up to which what stands is a post or a mast, and its outline is known."""

MOST_FASTER = 2.0
"""By which the rest is faster at most: a brook is all beside land."""

LUMINANCE = np.array([0.299, 0.587, 0.114], np.float32)


def carefully(
    flow: Float32Array, weight: NDArray[np.floating], image: NDArray[np.floating], land: Mask
) -> Float32Array:
    """Return a guessed flow [H, W, 2] of one kind, sky or water, of the same mean speed.

    Args:
        flow: [H, W, 2] pixels a frame, zero outside.
        weight: [H, W] in 0..1, what of the picture is of that kind.
        image: [H, W, 3] in 0..1.
        land: [H, W] what stands.
    """
    speed = np.linalg.norm(flow, axis=-1) * weight
    if not speed.any():
        return flow
    share = _plain(weight, image) * _off_land(land)
    faster = float(speed.sum()) / max(float((speed * share).sum()), 1e-9)
    return np.asarray(flow * (min(faster, MOST_FASTER) * share)[..., None], dtype=np.float32)


def _plain(weight: NDArray[np.floating], image: NDArray[np.floating]) -> Float32Array:
    """Return [H, W]: how much weaker texture is usually than here, at most 1."""
    grey = image.astype(np.float32) @ LUMINANCE
    slopes = (cv2.Sobel(grey, cv2.CV_32F, *axis, scale=1 / 8) for axis in ((1, 0), (0, 1)))
    inside = (weight > 0.5).astype(np.float32)
    if not inside.any():
        return np.ones_like(inside)
    sigma = max(AROUND * grey.shape[1], 0.5)
    energy = cv2.GaussianBlur(sum(slope * slope for slope in slopes) * inside, (0, 0), sigma)
    strength = np.sqrt(energy / np.maximum(cv2.GaussianBlur(inside, (0, 0), sigma), 1e-3))
    usual = float(np.median(strength[inside > 0]))
    return np.asarray(np.minimum(1.0, (usual + 1e-6) / (strength + 1e-6)), dtype=np.float32)


def _off_land(land: Mask) -> Float32Array:
    """Return [H, W]: 0 on land, 1 from where on its outline is surely passed."""
    side = 2 * round(0.5 * BROADEST_POST * land.shape[1]) + 1
    broad = cv2.morphologyEx(land.astype(np.uint8), cv2.MORPH_OPEN, np.ones((side, side), np.uint8))
    if not broad.any():
        return np.ones(land.shape, np.float32)
    away = cv2.distanceTransform(1 - broad, cv2.DIST_L2, 5)
    return np.asarray(np.clip(away / (OUTLINE * land.shape[1]), 0.0, 1.0), dtype=np.float32)
