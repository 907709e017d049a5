"""Clips of a camera that stands still: the first frame is the photo, the rest is what happened."""

from __future__ import annotations

import io
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from livescape.cameras.default_path import default_path
from livescape.cameras.photo_camera import default_intrinsics
from livescape.evaluate.clip_files import read_frames
from livescape.evaluate.tiers import hint_lines, npy_bytes, png_bytes
from livescape.imaging.decode import decode_photo
from livescape.imaging.png import to_pixels
from livescape.imaging.sampling import resize_image, working_size
from livescape.imaging.video import Clip
from livescape.motion.flow_estimators import rescale_flow
from livescape.motion.video import clip_motion
from livescape_shared.camera import Camera, CameraPath
from livescape_shared.request import GenerateRequest
from livescape_shared.settings import GenerateSettings

Float32Array = NDArray[np.float32]
UInt8Array = NDArray[np.uint8]
Mask = NDArray[np.bool_]

CLIP_TIERS = ("auto", "video", "hints", "given")
"""The first frame alone; and a film of the same place; and mask and six arrows; mask and flow."""

FLUID_SHARE = 0.1
"""Share of the mean speed above which a known flow counts as moving."""

FILM_FRAMES = 4
"""Least frames after the last compared one that can serve as a film of the place."""


@dataclass(frozen=True)
class ClipTruth:
    """What really happened.

    Attributes:
        name: Of the file or folder.
        frames: [T, H, W, 3] uint8 sRGB; frame 0 is the photo.
        fps: Frames per second.
        flow: [H, W, 2] pixels per frame, its steady motion.
        moving: [H, W] bool, what moves.
        camera: The photo's, which stands still.
    """

    name: str
    frames: UInt8Array
    fps: float
    flow: Float32Array
    moving: Mask
    camera: Camera

    def image(self, frame: int) -> Float32Array:
        """Return a frame [H, W, 3] in 0..1."""
        return np.asarray(self.frames[frame] / np.float32(255.0), dtype=np.float32)


def read_clip(name: str, path: Path, long_side: int) -> ClipTruth:
    """Read a clip; see :func:`clip_truth`.

    Raises:
        LivescapeError: The codes of :func:`livescape.evaluate.clip_files.read_frames`.
    """
    return clip_truth(name, read_frames(path), long_side)


def clip_truth(
    name: str, clip: Clip, long_side: int, flow: Float32Array | None = None
) -> ClipTruth:
    """Return a clip as truth, its long side at most ``long_side`` pixels.

    Args:
        name: To show.
        clip: Its frames.
        long_side: Most pixels.
        flow: [h, w, 2] its steady motion if that is known; measured over all frames by default.
            Then what moves is what is faster than a tenth of the mean, as in the published
            evaluations.

    Raises:
        LivescapeError: ``flow_size_mismatch``.
    """
    height, width = clip.frames.shape[1:3]
    width, height = working_size(width, height, long_side)
    frames = np.stack(
        [to_pixels(resize_image(f / np.float32(255.0), width, height)) for f in clip.frames]
    )
    if flow is None:
        motion = clip_motion(Clip(frames, clip.fps))
        flow, moving = motion.flow, motion.mask > 0.5
    else:
        flow = rescale_flow(flow, width, height)
        speed = np.linalg.norm(flow, axis=-1)
        moving = speed > FLUID_SHARE * speed.mean()
    K = default_intrinsics(decode_photo(png_bytes(frames[0])), width, height)
    camera = default_path(K, width, height, 1).reference
    return ClipTruth(name, frames, clip.fps, flow, moving, camera)


def clip_request(
    clip: ClipTruth, tier: str, compared: int, length: int, settings: GenerateSettings
) -> GenerateRequest | None:
    """Return what an artist would send, or ``None`` where the clip has nothing for the tier.

    The film of ``video`` is what came after the last compared frame, so that no contender is told
    what it must foresee.

    Args:
        clip: The clip.
        tier: A name in :data:`CLIP_TIERS`.
        compared: Last frame that is compared.
        length: Frames of the shot.
        settings: Of the preset; the motion is chosen here.
    """
    files = {"photo": png_bytes(clip.frames[0])}
    motion = {"hints": "hints", "given": "file"}.get(tier, tier)
    if tier == "video":
        film = clip.frames[compared + 1 :]
        if len(film) < FILM_FRAMES or not (film[1:] != film[:-1]).any():
            return None
        files["clip"] = animated_png(film, clip.fps)
    elif tier != "auto":
        if not clip.moving.any():
            return None
        files["mask"] = png_bytes(clip.moving.astype(np.uint8) * 255)
        if tier == "hints":
            files["hints"] = hint_lines(clip.moving, clip.flow)
        else:
            files["flow"] = npy_bytes(clip.flow * clip.moving[..., None])
    frames = tuple(range(1, length + 1))
    path = CameraPath(clip.camera, (clip.camera,) * length, frames, clip.fps)
    return GenerateRequest(path, settings.changed(motion=motion), **files)


def animated_png(frames: UInt8Array, fps: float) -> bytes:
    """Return frames as a video without loss; equal neighbours become one that is shown longer."""
    stream = io.BytesIO()
    first, *others = (Image.fromarray(frame) for frame in frames)
    pause = round(1000.0 / fps)
    first.save(stream, "PNG", save_all=True, append_images=others, duration=pause)
    return stream.getvalue()
