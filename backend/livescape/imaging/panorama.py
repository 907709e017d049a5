"""Whether a picture is a whole sphere seen from its middle: an equirectangular panorama.

Panorama software says so in XMP; most programs that write pictures afterwards, and those that
render or capture light, do not. The picture itself tells: it is twice as wide as high, its left
edge continues its right one, and its first and last row are a point each.
"""

from __future__ import annotations

import re
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

Float32Array = NDArray[np.float32]

_HEAD_BYTES: Final = 1 << 18
_NAMED: Final = re.compile(
    rb"GPano:ProjectionType(=['\"]|>)\s*(equirectangular|cylindrical)", re.IGNORECASE
)
"""What panorama software writes into XMP."""

_RATIO: Final = 2.0
_OFF: Final = 0.01
"""By how much the sides' ratio may differ from that of a sphere."""

_SIZE: Final = (512, 256)
"""Width and height at which a picture is looked at: noise and faults of stitching are gone."""

_CONTINUED: Final = 0.4
"""Least correlation of what changes down the left edge and down the right one. Neighbouring columns
of a picture have 0.6 and more, edges of a view next to none unless a horizon crosses both."""

_APART: Final = 0.5
"""Largest difference of the edges, as a share of that of columns a third of the picture apart:
where all columns are alike, edges that are alike tell nothing."""

_POINT: Final = 0.5
"""Most that neighbours in the first and last row differ, as a share of those in other rows: on a
sphere, the whole row shows what lies within a degree."""


def is_panorama(data: bytes, image: NDArray[np.floating]) -> bool:
    """Return whether a picture is a panorama of 360 degrees.

    Args:
        data: The file.
        image: [H, W, 3] display sRGB, decoded.
    """
    return _NAMED.search(data, 0, _HEAD_BYTES) is not None or _is_sphere(image)


def _is_sphere(image: NDArray[np.floating]) -> bool:
    height, width = image.shape[:2]
    if abs(width / height / _RATIO - 1.0) > _OFF:
        return False
    pixels = np.ascontiguousarray(np.clip(image, 0.0, 1.0), dtype=np.float32)
    small = cv2.resize(pixels, _SIZE, interpolation=cv2.INTER_AREA).astype(np.float32)
    return _edges_meet(small) and _ends_are_points(small)


def _edges_meet(small: Float32Array) -> bool:
    seam = float(np.abs(small[:, 0] - small[:, -1]).mean())
    apart = np.abs(small - np.roll(small, _SIZE[0] // 3, axis=1)).mean(axis=(0, 2))
    down = np.diff(small, axis=0)
    left, right = down[:, 0].ravel(), down[:, -1].ravel()
    strength = float(np.linalg.norm(left) * np.linalg.norm(right))
    is_continued = float(left @ right) >= _CONTINUED * strength > 0.0
    return is_continued and seam <= _APART * float(np.median(apart))


def _ends_are_points(small: Float32Array) -> bool:
    along = np.abs(np.diff(small, axis=1)).mean(axis=(1, 2))
    return bool(max(along[0], along[-1]) <= _POINT * float(np.median(along)))
