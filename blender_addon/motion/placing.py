"""Where the photo lies in the view of the camera that took it.

Strokes are kept in the photo's own frame: its long side is 1, its middle is 0, y points up. Neither
the camera, the lens nor the size of the render is in them, so nothing of these can spoil them.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from livescape_shared.camera import Camera

Float64Array = NDArray[np.float64]

_SAME_SHAPE = 0.02


def have_one_shape(size: tuple[int, int], photo: tuple[int, int]) -> bool:
    """Return whether a picture of this width and height may show the photo, but for rounding."""
    if min(size) == 0:
        return False
    stretched = (size[0] / size[1]) / (photo[0] / photo[1])
    return abs(stretched - 1.0) <= _SAME_SHAPE + 1.0 / min(size)


def photo_intrinsics(reference: Camera, photo: tuple[int, int]) -> Float64Array:
    """Return K [3, 3] of the photo itself: it covers the frame of the camera that took it.

    Args:
        reference: That camera; for a photo that is to be seen whole, with the frame of the photo.
        photo: Width and height in pixels.
    """
    width, height = photo
    factor = min(width / reference.width, height / reference.height)
    K = reference.K.copy()
    K[:2] *= factor
    K[0, 2] += (width - reference.width * factor) / 2.0
    K[1, 2] += (height - reference.height * factor) / 2.0
    return K


def placement(reference: Camera, photo: tuple[int, int], distance: float) -> Float64Array:
    """Return the matrix [4, 4] from the photo's frame to the axes of Blender's camera.

    Args:
        reference: As for :func:`photo_intrinsics`.
        photo: Width and height in pixels.
        distance: How far in front of the camera the photo is shown.
    """
    K = photo_intrinsics(reference, photo)
    long_side, (width, height) = max(photo), photo
    matrix = np.eye(4)
    matrix[0, 0] = matrix[2, 2] = distance * long_side / K[0, 0]
    matrix[1, 1] = distance * long_side / K[1, 1]
    matrix[0, 3] = distance * (width / 2.0 - K[0, 2]) / K[0, 0]
    matrix[1, 3] = -distance * (height / 2.0 - K[1, 2]) / K[1, 1]
    matrix[2, 3] = -distance
    return matrix


def to_pixels(places: Float64Array, photo: tuple[int, int]) -> Float64Array:
    """Return pixels [n, 2] (x to the right, y down) of places [n, 2] in the photo's frame."""
    return places * (1.0, -1.0) * max(photo) + np.asarray(photo) / 2.0


def from_pixels(pixels: Float64Array, photo: tuple[int, int]) -> Float64Array:
    """Undo :func:`to_pixels`."""
    return (pixels - np.asarray(photo) / 2.0) / max(photo) * (1.0, -1.0)


def seen_at(points: Float64Array, eye: Float64Array) -> Float64Array:
    """Return where [n, 2] in the photo's plane points [n, 3] of its frame are seen from ``eye``.

    Points that are not in front of the eye are nowhere: NaN.
    """
    ahead = eye[2] - points[:, 2]
    with np.errstate(divide="ignore", invalid="ignore"):
        share = np.where(ahead > 1e-9, eye[2] / ahead, np.nan)
    return np.asarray(eye[:2] + (points[:, :2] - eye[:2]) * share[:, None])
