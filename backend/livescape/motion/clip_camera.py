"""How a clip's camera moves, found from what stands: six degrees of freedom a frame.

Corners of what stands are tracked through the clip. The photo's depth makes points of them, and a
robust PnP finds each frame's camera; then cameras and depths are adjusted together, for an invented
depth is only roughly right. What moves takes no part, so that water and clouds are not mistaken for
a camera that moves the other way.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from livescape.motion.bundle import NOISE_PX, adjusted, seen
from livescape.motion.clip_surroundings import LEAST_TRACKS, Surroundings, known_rays
from livescape.motion.corner_tracks import Tracks

Float64Array = NDArray[np.float64]

LEAST_EXPLAINED = 0.75
"""Share of what is tracked that one camera must explain."""

_TOLERANCE = 0.01
"""Share of the long side within which PnP counts a point as explained, whose depth is rough."""

EXPLAINED = 0.003
"""The same when it is counted what the cameras explain in the end."""

_LEAST_INLIERS = 0.3
"""Share of what is tracked that PnP must explain, while depths are rough."""

LEAVES_PX = 1.0
"""Pixels in the picture from which on a camera's way shows in where a thing is."""

_DRIFT_PX = 2.0
"""Pixels that what is far off may drift by itself within a clip, as clouds do."""


@dataclass(frozen=True)
class CameraMotion:
    """Cameras of a clip's frames.

    Attributes:
        poses: [T, 4, 4] from the first frame's camera to each one's.
        explained: Share of what is tracked that they explain.
        inverse: [N] inverse depth of what is tracked, as the cameras see it, in 1/m.
    """

    poses: Float64Array
    explained: float
    inverse: Float64Array


def camera_motion(
    tracks: Tracks, around: Surroundings, proceed: Callable[[int], None] = lambda _: None
) -> CameraMotion | None:
    """Return the cameras of the frames, as many of the first as can be told; None if no two can."""
    long_side = max(around.depth.shape)
    rays, inverse = known_rays(tracks, around)
    proceed(0)
    poses = _posed(tracks, rays / inverse[:, None], around.K, _TOLERANCE * long_side)
    count = len(poses)
    if count < 2:
        return None
    proceed(1)
    at, alive = tracks.at[:count], tracks.alive[:count]
    poses, inverse = adjusted(poses, inverse, rays, at, alive, around.K, around.doubt)
    return CameraMotion(poses, _explained(tracks, around, poses, inverse), inverse)


def held_by_what_is_far(
    tracks: Tracks, everything: Tracks, around: Surroundings, camera: CameraMotion
) -> CameraMotion:
    """Return the camera as what is far off holds it, too.

    Where little stands, and that together, a turn and a way explain it nearly alike. What is so far
    off that the camera's way does not show in it tells the turn: horizon, mountains, clouds. It may
    drift a little by itself, so that it counts less, and together no more than what stands.

    Args:
        tracks: Of what stands.
        everything: Tracks of everything in the picture.
        around: What is known of the first frame.
        camera: As what stands alone tells it.
    """
    count = len(camera.poses)
    rays, inverse = known_rays(tracks, around)
    all_rays, all_inverse = known_rays(everything, around)
    way = np.linalg.norm(camera.poses[:, :3, 3], axis=1).max()
    far = around.K[0, 0] * way * all_inverse < LEAVES_PX
    if far.sum() < LEAST_TRACKS // 2:
        return camera
    drift = (NOISE_PX / _DRIFT_PX) ** 2 * min(1.0, len(rays) / far.sum())
    poses, adjusted_inverse = adjusted(
        camera.poses,
        np.concatenate([inverse, all_inverse[far]]),
        np.concatenate([rays, all_rays[far]]),
        np.concatenate([tracks.at[:count], everything.at[:count][:, far]], axis=1),
        np.concatenate([tracks.alive[:count], everything.alive[:count][:, far]], axis=1),
        around.K,
        around.doubt,
        np.concatenate([np.ones(len(rays)), np.full(far.sum(), drift)]),
    )
    own = adjusted_inverse[: len(rays)]
    return CameraMotion(poses, _explained(tracks, around, poses, own), own)


def _explained(
    tracks: Tracks, around: Surroundings, poses: Float64Array, inverse: Float64Array
) -> float:
    """Return the share of what is tracked that cameras explain."""
    count, rays = len(poses), known_rays(tracks, around)[0]
    at, alive = tracks.at[:count], tracks.alive[:count]
    error = np.linalg.norm(seen(poses, inverse, rays, around.K) - at, axis=-1)
    told = error < EXPLAINED * max(around.depth.shape)
    return float(np.mean([told[k][alive[k]].mean() for k in range(1, count)]))


def _posed(tracks: Tracks, points: Float64Array, K: Float64Array, tolerance: float) -> Float64Array:
    """Return the poses [t, 4, 4] of the first frames, up to the first that cannot be found."""
    poses = [np.eye(4)]
    turn: Any = np.zeros((3, 1))
    way: Any = np.zeros((3, 1))
    for at, alive in zip(tracks.at[1:], tracks.alive[1:], strict=True):
        if alive.sum() < LEAST_TRACKS:
            break
        there, shown = points[alive], at[alive].astype(np.float64)
        found, turn, way, inliers = cv2.solvePnPRansac(
            there, shown, K, None, turn.copy(), way.copy(), useExtrinsicGuess=True,
            iterationsCount=200, reprojectionError=tolerance, confidence=0.999,
            flags=cv2.SOLVEPNP_ITERATIVE,
        )  # fmt: skip
        if not found or inliers is None or len(inliers) < max(12, _LEAST_INLIERS * len(shown)):
            break
        chosen = inliers.ravel()
        turn, way = cv2.solvePnPRefineLM(there[chosen], shown[chosen], K, None, turn, way)
        pose = np.eye(4)
        pose[:3, :3], pose[:3, 3] = cv2.Rodrigues(turn)[0], way.ravel()
        poses.append(pose)
    return np.stack(poses)
