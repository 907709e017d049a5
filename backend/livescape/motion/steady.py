"""A clip as if its camera had stood still: shake or a moving camera taken out.

A camera that moves is told from one that shakes by what stands: where one camera in three
dimensions explains it, and a shake in the picture does not, every frame is read where the first
frame's surfaces lie in it.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import cv2
import numpy as np
from numpy.typing import NDArray

from livescape.imaging.sampling import pixel_centres
from livescape.motion.clip_camera import (
    EXPLAINED,
    LEAST_EXPLAINED,
    CameraMotion,
    camera_motion,
    held_by_what_is_far,
)
from livescape.motion.clip_rest import at_rest_against, explained_standing
from livescape.motion.clip_surroundings import LEAST_TRACKS, Surroundings, meeting_what_stands
from livescape.motion.corner_tracks import tracked
from livescape.motion.stabilise import EXCURSION_PX, stabilised

LOGGER = logging.getLogger(__name__)

Float32Array = NDArray[np.float32]
Float64Array = NDArray[np.float64]
UInt8Array = NDArray[np.uint8]
Mask = NDArray[np.bool_]
Progress = Callable[[int, int], None]

LEAST_SEEN = 0.4
"""Share of the first frame that a frame must show to say anything about it."""

STOOD = 0.9
"""A camera that shakes explains this much of what stands where none moves."""

LEAST_STOOD = 0.5
"""What a camera that stands or shakes explains at least of what is known to stand."""

MOST_AT_REST = 0.03
"""Share of the picture that may stay in its place before a camera that moves: a line of text."""

UNSOLVED = (
    "The clip's camera moves, and what stands in it does not tell how: some of the motion may be "
    "the camera's. Film from where the photo was taken, with more of what stands in the picture."
)


@dataclass(frozen=True)
class SteadyClip:
    """Frames as seen by the first one's camera.

    Attributes:
        frames: [T] grey frames [h, w].
        seen: [T, h, w] bool, what each frame shows; all of it if there are none.
        parallax: [T, h, w, 2] pixels by which a surface is beside its place where its inverse
            depth is twice that assumed; only with a camera that moves.
        stands: [h, w] bool, what does not move by itself, as far as that was known before.
        remark: What the artist should know, or nothing.
    """

    frames: list[UInt8Array]
    seen: list[Mask] = field(default_factory=list)
    parallax: list[Float32Array] = field(default_factory=list)
    stands: Mask | None = None
    remark: str = ""


def steadied(
    frames: Sequence[UInt8Array],
    around: Surroundings | None = None,
    progress: Progress = lambda *_: None,
) -> SteadyClip:
    """Return a clip without the motion of its camera.

    Args:
        frames: [T] grey frames [h, w], T >= 2.
        around: What is known of the first; without it, only shake is removed.
        progress: Called with (step, steps); may raise to stop.
    """
    if around is None:
        return SteadyClip(stabilised(frames, progress))
    tracks = tracked(frames, around.stands, lambda number: progress(number, len(frames)))
    if tracks.alive[1].sum() < LEAST_TRACKS:
        return SteadyClip(stabilised(frames, progress))
    stood = explained_standing(tracks, EXCURSION_PX, EXPLAINED * max(frames[0].shape))
    if stood > STOOD:
        return SteadyClip(stabilised(frames, progress))
    camera = camera_motion(tracks, around, lambda number: progress(number, 2))
    told = 0.0 if camera is None else camera.explained
    LOGGER.info("what stands: %.2f explained by shake, %.2f by a moving camera", stood, told)
    if camera is not None and told > LEAST_EXPLAINED and 1 - told < 0.5 * (1 - stood):
        everything = tracked(frames, np.ones_like(around.stands))
        held = held_by_what_is_far(tracks, everything, around, camera)
        if held.explained > LEAST_EXPLAINED:
            camera = held
        rests, far_rests = at_rest_against(everything, around, camera, EXCURSION_PX)
        if rests < MOST_AT_REST and far_rests < MOST_AT_REST:
            met = meeting_what_stands(around, tracks, camera.inverse)
            return _from_first(frames, camera, met)
        remark = UNSOLVED if rests < MOST_AT_REST else ""
        return SteadyClip(stabilised(frames, progress), remark=remark)
    remark = UNSOLVED if stood < LEAST_STOOD else ""
    return SteadyClip(stabilised(frames, progress), remark=remark)


def _from_first(
    frames: Sequence[UInt8Array], camera: CameraMotion, around: Surroundings
) -> SteadyClip:
    height, width = around.depth.shape
    pixels = pixel_centres(height, width).reshape(-1, 2).astype(np.float64)
    rays = np.column_stack([pixels, np.ones(len(pixels))]) @ np.linalg.inv(around.K).T
    inverse = 1.0 / np.maximum(around.depth.reshape(-1, 1).astype(np.float64), 1e-3)
    steady = SteadyClip([], stands=around.stands)
    for frame, pose in zip(frames, camera.poses, strict=False):
        way = inverse * (around.K @ pose[:3, 3])
        local = rays @ pose[:3, :3].T @ around.K.T + way
        z = np.maximum(local[:, 2:], 1e-6)
        at = (local[:, :2] / z).astype(np.float32).reshape(height, width, 2)
        slope = (way[:, :2] - at.reshape(-1, 2) * way[:, 2:]) / z
        seen = ((at > 0.5) & (at < (width - 0.5, height - 0.5))).all(-1)
        if seen.mean() < LEAST_SEEN:
            break
        x, y = np.moveaxis(at - np.float32(0.5), -1, 0)
        moved = cv2.remap(frame, x, y, cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
        steady.frames.append(np.asarray(moved, dtype=np.uint8))
        steady.seen.append(seen)
        steady.parallax.append(slope.astype(np.float32).reshape(height, width, 2))
    count = len(steady.frames)
    if count < 2:
        return SteadyClip(stabilised(frames), remark=UNSOLVED)
    if count < len(frames):
        remark = (
            f"The clip's camera leaves behind what its first frame shows: its first {count} of "
            f"{len(frames)} frames are used."
        )
        return SteadyClip(steady.frames, steady.seen, steady.parallax, steady.stands, remark)
    return steady
