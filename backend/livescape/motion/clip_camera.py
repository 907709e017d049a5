"""How a clip's camera moves, found from what stands: six degrees of freedom a frame.

Corners of what stands are tracked through the clip. The photo's depth makes points of them, and a
robust PnP finds each frame's camera; then cameras and depths are adjusted together, for an invented
depth is only roughly right. What moves takes no part, so that water and clouds are not mistaken for
a camera that moves the other way.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from livescape.imaging.morphology import nearest_values
from livescape.imaging.sampling import pixel_centres, sample_nearest
from livescape.motion.bundle import NOISE_PX, adjusted, seen
from livescape.motion.corner_tracks import Tracks

Float32Array = NDArray[np.float32]
Float64Array = NDArray[np.float64]
UInt8Array = NDArray[np.uint8]
Mask = NDArray[np.bool_]

LEAST_TRACKS = 24
"""Fewer say nothing about a camera."""

LEAST_EXPLAINED = 0.75
"""Share of what is tracked that one camera must explain."""

INVENTED, MEASURED = 0.5, 0.05
"""Relative doubt about inverse depths that are estimated, and about those that are given."""

_TOLERANCE = 0.01
"""Share of the long side within which PnP counts a point as explained, whose depth is rough."""

EXPLAINED = 0.003
"""The same when it is counted what the cameras explain in the end."""

_LEAST_INLIERS = 0.3
"""Share of what is tracked that PnP must explain, while depths are rough."""

_AT_REST_PX, _LEAVES_PX = 0.5, 1.0

_DRIFT_PX = 2.0
"""Pixels that what is far off may drift by itself within a clip, as clouds do."""

_DEPTHS = tuple(2.0 ** (step / 2) for step in range(-4, 3))
"""Factors on an inverse depth that may be so far wrong."""

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
    rays, inverse = _known(tracks, around)
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
    rays, inverse = _known(tracks, around)
    all_rays, all_inverse = _known(everything, around)
    way = np.linalg.norm(camera.poses[:, :3, 3], axis=1).max()
    far = around.K[0, 0] * way * all_inverse < _LEAVES_PX
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
    count, rays = len(poses), _known(tracks, around)[0]
    at, alive = tracks.at[:count], tracks.alive[:count]
    error = np.linalg.norm(seen(poses, inverse, rays, around.K) - at, axis=-1)
    told = error < EXPLAINED * max(around.depth.shape)
    return float(np.mean([told[k][alive[k]].mean() for k in range(1, count)]))


def at_rest_against(
    tracks: Tracks, around: Surroundings, camera: CameraMotion, excursion: float
) -> tuple[float, float]:
    """Return the shares of what is tracked that a camera at rest explains, and this one cannot.

    Chance hardly holds a thing in the picture of a camera that moves; where much is held, what was
    thought to stand moves, and not the camera. But what is so far off that this camera's way does
    not show in it, as the sky, is held before any camera that does not turn: it only tells that
    this one turns where the true one does not, if it is more at rest than this camera has it.

    Returns:
        Of what is near enough to tell, and of what is not.

    Args:
        tracks: Of everything in the picture.
        around: What is known of the first frame.
        camera: As it was found.
        excursion: Most pixels that shake moves the picture by.
    """
    last = len(camera.poses) - 1
    alive = tracks.alive[last]
    if alive.sum() < LEAST_TRACKS:
        return 0.0, 0.0
    start, at = tracks.at[0][alive], tracks.at[last][alive]
    rays, inverse = (known[alive] for known in _known(tracks, around))
    places = [seen(camera.poses[last:], f * inverse, rays, around.K)[0] for f in _DEPTHS]
    beside = np.min([np.linalg.norm(each - at, axis=-1) for each in places], axis=0)
    leaves = beside > _LEAVES_PX
    near = np.linalg.norm(at - start, axis=-1) < excursion
    if near.sum() < LEAST_TRACKS // 2:
        return 0.0, 0.0
    shaken, rests = cv2.estimateAffinePartial2D(
        start[near], at[near], method=cv2.RANSAC, ransacReprojThreshold=_AT_REST_PX
    )
    if shaken is None:
        return 0.0, 0.0
    held = leaves.copy()
    held[near] &= rests.ravel() > 0
    held &= near
    way = around.K[0, 0] * np.linalg.norm(camera.poses[last][:3, 3]) * inverse
    tells = way > _LEAVES_PX
    turns = beside > np.linalg.norm(at - start, axis=-1) + _LEAVES_PX
    far = held & turns & ~tells
    return float((held & tells).sum() / alive.sum()), float(far.sum() / alive.sum())


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


def explained_standing(tracks: Tracks, excursion: float, tolerance: float) -> float:
    """Return the share of what is tracked that a camera explains which stands and shakes a little.

    Args:
        tracks: Of what stands.
        excursion: Most pixels that shake moves the picture by.
        tolerance: Pixels that a track may be beside where the shake puts it.
    """
    shares = []
    for at, alive in zip(tracks.at[1:], tracks.alive[1:], strict=True):
        if alive.sum() < LEAST_TRACKS:
            break
        start, end = tracks.at[0][alive], at[alive]
        shaken, _ = cv2.estimateAffinePartial2D(
            start, end, method=cv2.RANSAC, ransacReprojThreshold=tolerance
        )
        if shaken is None:
            shares.append(0.0)
            continue
        error = np.linalg.norm(start @ shaken[:, :2].T + shaken[:, 2] - end, axis=-1)
        near = np.linalg.norm(end - start, axis=-1) < excursion
        shares.append(float(((error < tolerance) & near).mean()))
    return float(np.mean(shares)) if shares else 1.0


def _known(tracks: Tracks, around: Surroundings) -> tuple[Float64Array, Float64Array]:
    """Return rays [N, 3] with z = 1 and inverse depths [N] of the first frame's corners."""
    start = tracks.at[0].astype(np.float64)
    rays = np.column_stack([start, np.ones(len(start))]) @ np.linalg.inv(around.K).T
    depth = sample_nearest(_nearer(around.depth)[..., None], start)[:, 0].astype(np.float64)
    return rays, 1.0 / np.maximum(depth, 1e-3)


def _nearer(depth: Float32Array) -> Float32Array:
    """Return depth [h, w] where a corner at an edge belongs to the nearer side."""
    nearest = cv2.erode(depth, np.ones((5, 5), np.uint8))
    return np.where(nearest * _EDGE < depth, nearest, depth)


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
