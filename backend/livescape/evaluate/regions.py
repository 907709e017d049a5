"""The written rule of what counts as moving, standing, seen by the photo and not seen.

*Moving* is what shows water or clouds in the evaluated view; all else *stands*. What stands is
*seen* where the photo shows the same point. What moves is seen where the photo shows the same
piece of water: the point is carried back through the steady motion to frame 0, and must lie in the
photo there, behind nothing. All else is *not seen*, and whoever shows it has invented it.

*Edges* are where something ends before what is behind it: pixels within three of an edge in depth,
of the skyline, or of the outline of what stands in the water.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from livescape.cameras.projection import project_points
from livescape.evaluate.truth import OBSTACLE, TruthView
from livescape.imaging.morphology import dilate
from livescape.imaging.sampling import sample_nearest
from livescape.points.hidden import depth_edges

Float32Array = NDArray[np.float32]
Mask = NDArray[np.bool_]

SAME_SURFACE = 0.03
"""Relative difference in depth up to which a point lies on what the photo shows there."""

EDGE_BAND = 3
"""Pixels from an edge up to which a pixel counts as being at it."""


@dataclass(frozen=True)
class Origin:
    """Where the content of a view was when the photo was taken.

    Attributes:
        positions: [H, W, 2] pixels in the photo; they mean nothing where it was not seen.
        seen: [H, W] bool.
    """

    positions: Float32Array
    seen: Mask


def edge_band(view: TruthView) -> Mask:
    """Return the pixels [H, W] within :data:`EDGE_BAND` of the edge of something in front."""
    disparity = np.where(view.sky, 0.0, 1.0 / view.depth).astype(np.float32)
    nearer, farther = depth_edges(disparity, view.sky)
    outline = (nearer & dilate(farther, 1)) | (farther & dilate(nearer, 1))
    outline |= _ends(view.sky) | _ends(view.label == OBSTACLE)
    return dilate(outline, EDGE_BAND - 1)


def _ends(region: Mask) -> Mask:
    """Return the pixels [H, W] on either side of a region's outline."""
    values, cross = region.astype(np.uint8), cv2.getStructuringElement(cv2.MORPH_CROSS, (3, 3))
    return np.asarray(cv2.dilate(values, cross) != cv2.erode(values, cross))


def origin(view: TruthView, photo: TruthView, velocity: Float32Array | None = None) -> Origin:
    """Carry what ``view`` shows back to frame 0 and look for it in the photo.

    Args:
        view: The view.
        photo: The photo.
        velocity: [H, W, 3] metres per frame on the photo, to carry back by; the truth's own by
            default. Where the photo does not show a surface, a point goes on as it did.
    """
    shape = view.label.shape
    field = photo.velocity if velocity is None else velocity
    points = view.positions.reshape(-1, 3).astype(np.float64)
    moves = view.moving.reshape(-1)
    points[moves] = _carried_back(points[moves], view, photo, field, velocity is None)
    positions, depth = project_points(points, photo.camera)
    shown = _shown(positions, depth, view.label.reshape(-1), photo)
    return Origin(positions.reshape(*shape, 2).astype(np.float32), shown.reshape(shape))


def _carried_back(
    points: NDArray[np.float64],
    view: TruthView,
    photo: TruthView,
    field: Float32Array,
    known: bool,
) -> NDArray[np.float64]:
    labels = view.label[view.moving]
    own = view.velocity[view.moving].astype(np.float64)
    last = own.copy() if known else np.zeros_like(own)
    for _ in range(view.frame):
        positions, depth = project_points(points, photo.camera)
        there = _shown(positions, depth, labels, photo)
        last[there] = sample_nearest(field, positions[there])
        points = points - last
    return points


def _shown(
    positions: NDArray[np.floating],
    depth: NDArray[np.floating],
    labels: NDArray[np.uint8],
    photo: TruthView,
) -> Mask:
    """Return [N]: whether the photo shows a surface of this label and depth at each position."""
    height, width = photo.label.shape
    x, y = positions.T
    inside = (depth > 0) & (x >= 0) & (x < width) & (y >= 0) & (y < height)
    held = np.where(inside[:, None], positions, 0.5)
    shown = sample_nearest(photo.depth, held)
    # Between two pixels of a grazing surface depth changes more than the tolerance.
    across = sample_nearest(_depth_step(photo.depth), held)
    near = np.abs(shown - depth) <= SAME_SURFACE * depth + across
    same = sample_nearest(photo.label.astype(np.float32), held) == labels
    return np.asarray(inside & near & same, dtype=bool)


def _depth_step(depth: Float32Array) -> Float32Array:
    """Return the smaller of the depth steps to both sides, along the steeper axis."""
    steps = []
    for axis in (0, 1):
        step = np.abs(np.diff(depth, axis=axis))
        before = np.concatenate([np.take(step, [0], axis), step], axis)
        after = np.concatenate([step, np.take(step, [-1], axis)], axis)
        steps.append(np.minimum(before, after))
    return np.asarray(np.maximum(*steps), dtype=np.float32)
