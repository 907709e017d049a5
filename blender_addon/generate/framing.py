"""How a photo lies in a frame of another shape: filling it, or whole in its middle."""

from __future__ import annotations

import numpy as np

from livescape_shared.camera import Camera, CameraPath

CROP, FIT = "CROP", "FIT"

SMALL_LOSS = 0.05
"""Part of the photo that may lie beyond the frame without a word."""


def shown_share(photo: tuple[int, int], frame: tuple[float, float]) -> float:
    """Return how much of a photo is in a frame that it fills, 0 to 1.

    Args:
        photo: Its width and height.
        frame: Width and height of the frame, as wide as it looks.
    """
    shape = (photo[0] / photo[1]) / (frame[0] / frame[1])
    return min(shape, 1.0 / shape)


def sentence(photo: tuple[int, int], frame: tuple[float, float]) -> str:
    """Return what a frame that is filled does not show of a photo; empty if that is little."""
    if min(*photo, *frame) <= 0:
        return ""
    share = shown_share(photo, frame)
    if share > 1.0 - SMALL_LOSS:
        return ""
    is_higher = photo[0] / photo[1] < frame[0] / frame[1]
    cut = "above and below" if is_higher else "at both sides"
    return f"The frame shows {share:.0%} of the photo; the rest lies {cut} and is seen on the way"


def framed(path: CameraPath, photo: tuple[int, int], choice: str) -> CameraPath:
    """Return the path whose reference camera sees the photo as it is to lie in the frame.

    A photo covers the frame of its reference camera. For a photo that is to be seen whole, that
    frame is therefore the part of the real one that the photo takes.
    """
    if choice != FIT or min(photo) <= 0:
        return path
    return CameraPath(_fitted(path.reference, photo), path.cameras, path.frames, path.fps)


def _fitted(reference: Camera, photo: tuple[int, int]) -> Camera:
    squeeze = reference.K[1, 1] / reference.K[0, 0]  # pixels need not be square
    factor = min(reference.width * squeeze / photo[0], reference.height / photo[1])
    width = max(round(photo[0] * factor / squeeze), 1)
    height = max(round(photo[1] * factor), 1)
    K = np.array(reference.K)
    K[0, 2] -= (reference.width - width) / 2.0
    K[1, 2] -= (reference.height - height) / 2.0
    return Camera(width, height, K, reference.viewmat)
