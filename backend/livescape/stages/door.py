"""What the artist sent, decoded and checked, on the pipeline's working grid."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from livescape.cameras.photo_camera import photo_camera
from livescape.context.cache import StageCache, stage_key
from livescape.depth.depth_estimators import estimate_depth, estimator_identity
from livescape.depth.types import DepthEstimate
from livescape.imaging.decode import decode_image, decode_photo, unit_range
from livescape.imaging.sampling import resize_image, working_size
from livescape.imaging.video import Clip, decode_clip
from livescape.layout.types import SceneLayout
from livescape.motion.flow_estimators import read_flow
from livescape.motion.hints import Annotation, annotation_mask, read_labelme
from livescape.motion.masks import default_mask, resolve_mask
from livescape.motion.video import ClipMotion, clip_motion
from livescape_shared.camera import Camera
from livescape_shared.request import GenerateRequest

Float32Array = NDArray[np.float32]

CLIP_METHODS = ("video", "auto")
"""Motion estimators that look at a clip."""


@dataclass(frozen=True)
class Inputs:
    """Decoded inputs.

    Attributes:
        image: [H, W, 3] the photo at working size.
        camera: The photo camera at working size.
        path: Camera of every frame, as photo cameras of the same size.
        mask: Motion mask of any size, 0..1, if given.
        annotation: Polygons and hints, if given.
        flow: [h, w, 2] of any size, if given.
        clip: The place in motion, if given.
    """

    image: Float32Array
    camera: Camera
    path: tuple[Camera, ...]
    mask: Float32Array | None
    annotation: Annotation | None
    flow: Float32Array | None
    clip: Clip | None


def read_inputs(request: GenerateRequest) -> Inputs:
    """Decode and check all files of ``request``.

    Raises:
        LivescapeError: The codes of the readers.
    """
    photo = decode_photo(request.photo)
    width, height = working_size(*photo.size, request.settings.working_size)
    image = resize_image(photo.image, width, height)
    path = request.camera_path
    return Inputs(
        image=image,
        camera=photo_camera(path.reference, width, height),
        path=tuple(photo_camera(camera, width, height) for camera in path.cameras),
        mask=_read_mask(request.mask) if request.mask else None,
        annotation=read_labelme(request.hints) if request.hints else None,
        flow=read_flow(request.flow) if request.flow else None,
        clip=decode_clip(request.clip) if request.clip else None,
    )


def _read_mask(data: bytes) -> Float32Array:
    pixels = decode_image(data, "mask_invalid", "The mask cannot be read as an image.")
    values = unit_range(pixels)
    if values.ndim == 3:
        colour = values[..., :3] if values.shape[2] >= 3 else values[..., :1]
        values = colour.mean(axis=-1)
    return values


def find_clip_motion(
    request: GenerateRequest, inputs: Inputs, cache: StageCache
) -> ClipMotion | None:
    """Return the clip's motion on the photo, in pixels per scene frame; None if it is not asked."""
    if inputs.clip is None or request.settings.motion not in CLIP_METHODS:
        return None
    clip, (height, width) = inputs.clip, inputs.image.shape[:2]
    key = stage_key("clip", request.clip)
    measured, _ = cache.get(key, ClipMotion, lambda: clip_motion(clip))
    return measured.on_photo(width, height, clip.fps / request.camera_path.fps)


def motion_mask(
    inputs: Inputs, layout: SceneLayout, method: str, clip: ClipMotion | None = None
) -> Float32Array:
    """Return the mask [H, W] of what moves: given, drawn, found in the clip or in the photo."""
    height, width = inputs.image.shape[:2]
    if method == "none":
        return np.zeros((height, width), dtype=np.float32)
    drawn = None
    if inputs.annotation is not None and inputs.annotation.polygons:
        drawn = annotation_mask(inputs.annotation, width, height)
    found: Float32Array | None = None
    if clip is not None:
        found = clip.mask
    elif inputs.mask is None and drawn is None:
        found = default_mask(layout.sky, layout.water, inputs.image)
    mask = resolve_mask(width, height, given=inputs.mask, annotation=drawn, default=found)
    return np.asarray(mask, dtype=np.float32)


def _depth_estimator(request: GenerateRequest) -> str:
    """Return the name of the estimator: a depth map that is given wins over the setting."""
    return "file" if request.depth else request.settings.depth


def depth_signature(request: GenerateRequest) -> str:
    """Return what the depth depends on beside the request: the hash of a downloaded model.

    Raises:
        LivescapeError: ``model_missing`` or ``model_unreadable``.
    """
    return estimator_identity(_depth_estimator(request))


def find_depth(request: GenerateRequest, inputs: Inputs, layout: SceneLayout) -> DepthEstimate:
    """Return the depth by the estimator that the settings name, or from the file that is given.

    Raises:
        LivescapeError: The codes of the estimators.
    """
    estimator = _depth_estimator(request)
    with tempfile.TemporaryDirectory() as folder:
        depth_file = None
        if request.depth:
            suffix = dict(request.suffixes or {}).get("depth", ".npy")
            depth_file = Path(folder) / f"depth{suffix}"
            depth_file.write_bytes(request.depth)
        return estimate_depth(
            inputs.image, inputs.camera.K, layout, estimator=estimator, depth_file=depth_file
        )
