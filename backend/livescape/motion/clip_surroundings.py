"""What is known of what a clip shows before its camera is, and what the camera tells of it."""

from __future__ import annotations

from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from livescape.imaging.morphology import nearest_values
from livescape.imaging.sampling import pixel_centres, sample_nearest
from livescape.motion.corner_tracks import Tracks

Float32Array = NDArray[np.float32]
Float64Array = NDArray[np.float64]
Mask = NDArray[np.bool_]

LEAST_TRACKS = 24
"""Fewer say nothing about a camera."""

INVENTED, MEASURED = 0.5, 0.05
"""Relative doubt about inverse depths that are estimated, and about those that are given."""

_EDGE = 1.15
"""Factor between neighbouring depths from which on there is an edge between them."""

_SHORE = 0.06
"""Share of the long side within which what stands is at the shore of what moves."""

_ONE_PLACE = 1.6
"""Factor between two depths up to which they may be of one place."""


@dataclass(frozen=True)
class Surroundings:
    """What is known of a clip's first frame.

    Attributes:
        depth: [h, w] metres.
        stands: [h, w] bool, what does not move by itself.
        K: [3, 3] intrinsics in pixels of the clip.
        doubt: Relative standard deviation of the inverse depth.
    """

    depth: Float32Array
    stands: Mask
    K: Float64Array
    doubt: float = INVENTED

    @classmethod
    def of_photo(
        cls,
        depth: Float32Array,
        stands: Mask,
        K: Float64Array,
        size: tuple[int, int],
        doubt: float = INVENTED,
    ) -> Surroundings:
        """Return what a clip shows that covers a photo about their common centre.

        Args:
            depth: [H, W] metres of the photo.
            stands: [H, W] bool of the photo.
            K: [3, 3] in pixels of the photo.
            size: Height and width of the clip. What it shows beyond the photo counts as moving.
            doubt: Relative standard deviation of the inverse depth.
        """
        height, width = depth.shape
        scale = max(width / size[1], height / size[0])
        at = (pixel_centres(*size) - np.array(size[::-1], np.float32) / 2) * np.float32(scale)
        at += np.array([width, height], np.float32) / 2
        inside = ((at > 0) & (at < (width, height))).all(-1)
        intrinsics = K.astype(np.float64).copy()
        intrinsics[:2] /= scale
        intrinsics[:2, 2] += np.array(size[::-1]) / 2 - np.array([width, height]) / 2 / scale
        own = sample_nearest(np.stack([depth, stands.astype(np.float32)], axis=-1), at)
        return cls(own[..., 0].astype(np.float32), (own[..., 1] > 0.5) & inside, intrinsics, doubt)


def known_rays(tracks: Tracks, around: Surroundings) -> tuple[Float64Array, Float64Array]:
    """Return rays [N, 3] with z = 1 and inverse depths [N] of the first frame's corners."""
    start = tracks.at[0].astype(np.float64)
    rays = np.column_stack([start, np.ones(len(start))]) @ np.linalg.inv(around.K).T
    depth = sample_nearest(_nearer(around.depth)[..., None], start)[:, 0].astype(np.float64)
    return rays, 1.0 / np.maximum(depth, 1e-3)


def _nearer(depth: Float32Array) -> Float32Array:
    """Return depth [h, w] where a corner at an edge belongs to the nearer side."""
    nearest = cv2.erode(depth, np.ones((5, 5), np.uint8))
    return np.where(nearest * _EDGE < depth, nearest, depth)


def meeting_what_stands(
    around: Surroundings, tracks: Tracks, inverse: Float64Array
) -> Surroundings:
    """Return surroundings whose water lies where the cameras see its banks.

    The cameras were found by what stands, and what moves has only its depth from the photo; the
    two meet at the shore. So what moves is scaled by the median of what the shore says.

    Args:
        around: What was known.
        tracks: Of what stands.
        inverse: [N] their inverse depth as the cameras see it.
    """
    if around.stands.all():
        return around
    away, at_shore = nearest_values(around.depth, ~around.stands)
    x, y = np.floor(tracks.at[0]).astype(int).T
    shore = away[y, x] < _SHORE * max(around.depth.shape)
    beside = at_shore[y, x]
    likely = np.abs(np.log(beside / around.depth[y, x])) < np.log(_ONE_PLACE)
    chosen = shore & likely
    if chosen.sum() < LEAST_TRACKS // 2:
        return around
    scale = float(np.median((beside * inverse)[chosen]))
    depth = np.where(around.stands, around.depth, around.depth / scale)
    return replace(around, depth=depth.astype(np.float32))
