"""Whether a clip's camera stands after all: what speaks against one that was found."""

from __future__ import annotations

import cv2
import numpy as np

from livescape.motion.bundle import seen
from livescape.motion.clip_camera import LEAVES_PX, CameraMotion
from livescape.motion.clip_surroundings import LEAST_TRACKS, Surroundings, known_rays
from livescape.motion.corner_tracks import Tracks

_AT_REST_PX = 0.5

_DEPTHS = tuple(2.0 ** (step / 2) for step in range(-4, 3))
"""Factors on an inverse depth that may be so far wrong."""


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
    rays, inverse = (known[alive] for known in known_rays(tracks, around))
    places = [seen(camera.poses[last:], f * inverse, rays, around.K)[0] for f in _DEPTHS]
    beside = np.min([np.linalg.norm(each - at, axis=-1) for each in places], axis=0)
    leaves = beside > LEAVES_PX
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
    tells = way > LEAVES_PX
    turns = beside > np.linalg.norm(at - start, axis=-1) + LEAVES_PX
    far = held & turns & ~tells
    return float((held & tells).sum() / alive.sum()), float(far.sum() / alive.sum())


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
