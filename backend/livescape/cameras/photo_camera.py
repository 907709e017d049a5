"""The position and lens of the camera that took the photograph.

Conventions: :mod:`livescape_shared.conventions`.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from livescape.imaging.decode import Photo
from livescape.imaging.exif import FULL_FRAME_WIDTH_MM
from livescape_shared.camera import Camera

DEFAULT_FOV_DEGREES = 50.0


def photo_camera(reference: Camera, width: int, height: int) -> Camera:
    """Return the camera whose image is the photo at ``width`` x ``height``.

    The photo covers the reference camera's frame: same position and principal point, square
    pixels, and whatever the photo shows beyond the frame stays as margin around it.
    """
    factor = min(width / reference.width, height / reference.height)
    K = reference.K.copy()
    K[:2] *= factor
    K[0, 2] += (width - reference.width * factor) / 2.0
    K[1, 2] += (height - reference.height * factor) / 2.0
    return Camera(width, height, K, reference.viewmat)


def default_intrinsics(
    photo: Photo, width: int, height: int, estimated: float = 0.0
) -> NDArray[np.float64]:
    """Return K [3, 3] of a photo that no Blender camera belongs to, for its size in pixels.

    The focal length comes from EXIF, or else is the ``estimated`` one, or else gives a field of
    view of 50 degrees along the long side.

    Args:
        photo: The photo.
        width: Image width in pixels.
        height: Image height in pixels.
        estimated: A depth model's own focal length in units of the long side; 0 if it has none.
    """
    long_side = max(width, height)
    if photo.focal_35mm > 0.0:
        focal = photo.focal_35mm / FULL_FRAME_WIDTH_MM * long_side
    elif estimated > 0.0:
        focal = estimated * long_side
    else:
        focal = long_side / (2.0 * math.tan(math.radians(DEFAULT_FOV_DEGREES) / 2.0))
    return np.array([[focal, 0, width / 2], [0, focal, height / 2], [0, 0, 1]], dtype=np.float64)
