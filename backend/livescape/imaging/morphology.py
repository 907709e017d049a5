"""Masks grown and shrunk by discs."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

Mask = NDArray[np.bool_]


def dilate(mask: Mask, radius: int) -> Mask:
    """Return ``mask`` grown by a disc of ``radius`` pixels."""
    return np.asarray(cv2.dilate(mask.astype(np.uint8), disc(radius)), dtype=bool)


def disc(radius: int) -> NDArray[np.uint8]:
    """Return a disc of ones as wide as ``radius`` pixels on either side."""
    size = 2 * radius + 1
    return np.asarray(cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (size, size)), dtype=np.uint8)


def touching(mask: Mask, edge: Mask) -> Mask:
    """Return the connected parts of ``mask`` that have a pixel in ``edge``."""
    _, labels = cv2.connectedComponents(mask.astype(np.uint8))
    return mask & np.isin(labels, np.unique(labels[mask & edge]))


def nearest_values(
    values: NDArray[np.float32], where: Mask
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Return the distance [H, W] to the nearest pixel of ``where``, and the value [H, W] there."""
    distance, label = cv2.distanceTransformWithLabels(
        (~where).astype(np.uint8), cv2.DIST_L2, 5, labelType=cv2.DIST_LABEL_PIXEL
    )
    of_label = np.zeros(int(label.max()) + 1, dtype=np.float32)
    of_label[label[where]] = values[where]
    return np.asarray(distance, dtype=np.float32), of_label[label]


def within_reach(reach: NDArray[np.floating], where: Mask) -> Mask:
    """Return the pixels [H, W] no farther from some pixel of ``where`` than its own ``reach``.

    Reaches count in steps of a quarter, rounded up.
    """
    found = where.copy()
    radius = 1.0
    farthest = float(reach[where].max(initial=0.0))
    while radius < 1.25 * farthest:
        chosen = where & (reach > radius / 1.25)
        away = cv2.distanceTransform((~chosen).astype(np.uint8), cv2.DIST_L2, 5)
        found |= away <= radius
        radius *= 1.25
    return found
