"""How fast what is seen moves, as a share of how fast it should."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from livescape.imaging.sampling import pixel_centres, sample_bilinear

Float32Array = NDArray[np.float32]
Mask = NDArray[np.bool_]

SLOWEST = 0.1
"""Pixels per frame below which motion is too slow for its speed to be told."""

LUMINANCE = np.array([0.299, 0.587, 0.114], np.float32)

STARTS = np.linspace(-0.5, 2.0, 11)
"""Shares that the search begins with."""

FINER = 4
"""Factor by which pictures are enlarged before they are moved by fractions of a pixel."""

STEPS = 6
OUTLYING = 2.0
"""Standard deviations from which a difference is of something else than motion."""


def speed_share(
    first: Float32Array, second: Float32Array, true_flow: Float32Array, moving: Mask
) -> float:
    """Return the share of the true flow that best carries one frame to the next.

    Both frames are moved towards each other by a share of the true flow, and the share is found, by
    robust least squares (Gauss-Newton), at which they differ least. Optical flow would have to be
    guessed where there is no texture, and is then slower than the truth; here such places do not
    count. Noise, which does not move, makes it a little less than 1 for the truth too.

    Args:
        first: [H, W, 3].
        second: [H, W, 3] the frame after it.
        true_flow: [H, W, 2] pixels from one to the other.
        moving: [H, W] what moves.

    Returns:
        NaN where nothing moves by a tenth of a pixel, or nothing is to be seen of it.
    """
    fast = moving & (np.linalg.norm(true_flow, axis=-1) > SLOWEST)
    if not fast.any():
        return float("nan")
    grey = [frame.astype(np.float32) @ LUMINANCE for frame in (first, second)]
    slopes = [_finer(_gradient(plane)) for plane in grey]
    planes = [_finer(plane)[..., None] for plane in grey]

    def differences(share: float) -> Float32Array:
        before, after = _halfway(planes, true_flow, share)
        return np.asarray((after - before)[fast, 0], dtype=np.float32)

    share = float(min(STARTS, key=lambda start: float(np.abs(differences(start)).mean())))
    for _ in range(STEPS):
        change = differences(share)
        gradient = 0.5 * sum(_halfway(slopes, true_flow, share))
        along = (gradient * true_flow).sum(axis=-1)[fast]
        spread = OUTLYING * 1.4826 * float(np.median(np.abs(change))) + 1e-6
        weight = 1.0 / (1.0 + (change / spread) ** 2)
        norm = float((weight * along * along).sum())
        if norm <= 0.0:
            return float("nan")
        share -= float((weight * change * along).sum()) / norm
    return share


def _finer(picture: Float32Array) -> Float32Array:
    """Return a picture :data:`FINER` times as large, within which a straight line is no blur."""
    height, width = (FINER * side for side in picture.shape[:2])
    fine = cv2.resize(picture, (width, height), interpolation=cv2.INTER_LANCZOS4)
    return np.asarray(fine, dtype=np.float32)


def _gradient(plane: Float32Array) -> Float32Array:
    axes = ((1, 0), (0, 1))
    both = [cv2.Sobel(plane, cv2.CV_32F, *axis, ksize=3, scale=1 / 8) for axis in axes]
    return np.asarray(np.stack(both, axis=-1), dtype=np.float32)


def _halfway(pair: list[Float32Array], flow: Float32Array, share: float) -> list[Float32Array]:
    """Return both finer pictures, at their pixels' places [H, W, C], half of ``share`` moved.

    Not by OpenCV, whose tables know but 32 places within a pixel.
    """
    places = pixel_centres(*flow.shape[:2])
    halves = [FINER * (places + way * share * flow) for way in (-0.5, 0.5)]
    return [sample_bilinear(picture, half) for picture, half in zip(pair, halves, strict=True)]
