"""What the artist sent, decoded and checked once; below here nothing knows a request."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from livescape.cameras.photo_camera import photo_camera
from livescape.context import Context
from livescape.depth.file import in_metres, stored_depth, unit_remarks
from livescape.imaging.borders import Border, uniform_border
from livescape.imaging.decode import Photo, decode_photo
from livescape.imaging.sampling import resize, resize_image, working_size
from livescape.imaging.usable import check_shape, check_shows_scene, shape_remarks
from livescape.imaging.video import Clip, decode_clip
from livescape.motion.flow_file import read_flow
from livescape.motion.lettering import covered, lettering
from livescape.motion.masks import same_aspect
from livescape.motion.region_files import Regions, read_drawing, read_regions
from livescape_shared.annotation import Annotation
from livescape_shared.camera import Camera, CameraPath
from livescape_shared.errors import LivescapeError
from livescape_shared.request import GenerateRequest
from livescape_shared.settings import (
    LONGEST_LOOP,
    GenerateSettings,
    frames_of_motion,
    loops,
)

Float32Array = NDArray[np.float32]

NAME = "photo"
VERSION = 5


@dataclass(frozen=True)
class Inputs:
    """Decoded inputs.

    Attributes:
        identity: Hash of all that was sent.
        settings: What the artist chose; ``loop`` is on or off, and ``loop_frames`` are those of
            the shot if it is off.
        image: [H, W, 3] the photo at working size.
        camera: The photo camera at working size.
        path: Camera of every frame, as photo cameras of the same size.
        start_frame: Number of the path's first frame.
        fps: Frames per second of the scene.
        depth_map: [h, w] of any size, as it stands in the file, if given.
        mask: [h, w] motion mask of any size, 0..1, if given.
        annotation: Regions and hints, if given.
        flow: [h, w, 2] of any size, if given.
        clip: The place in motion, if given.
        remarks: What the artist should know of what was sent.
        border: The uniform border that was left out of the photo, if it had one.
        text: [H, W] where text lies over the photo, such as a watermark or a date.
        segments: [h, w] of any size, numbers of parts that move whole or not at all, if given.
        highlights: [H, W, 3] linear light beyond white, which ``image`` lacks, if there is any.
    """

    identity: str
    settings: GenerateSettings
    image: Float32Array
    camera: Camera
    path: tuple[Camera, ...]
    start_frame: int
    fps: float
    depth_map: Float32Array | None
    mask: Float32Array | None
    annotation: Annotation | None
    flow: Float32Array | None
    clip: Clip | None
    text: NDArray[np.bool_]
    remarks: tuple[str, ...] = ()
    border: Border | None = None
    segments: NDArray[np.uint16] | None = None
    highlights: Float32Array | None = None


def run(context: Context, request: GenerateRequest) -> Inputs:
    """Decode and check all files of ``request``.

    Raises:
        LivescapeError: The codes of the readers.
    """
    with context.progress.stage(NAME):
        return context.progress.waiting(lambda: read_inputs(request))


def read_inputs(request: GenerateRequest) -> Inputs:
    """Return the decoded inputs of ``request``; see :func:`run`."""
    photo = decode_photo(request.photo, request.settings.exposure)
    check_shows_scene(request.photo, photo.image)
    border = uniform_border(photo.image)
    image = np.asarray(border.crop(photo.image), dtype=np.float32)
    width, height = working_size(image.shape[1], image.shape[0], request.settings.working_size)
    check_shape((image.shape[1], image.shape[0]), (width, height))
    path = request.camera_path
    regions, drawn = _drawn(request, photo.size)
    stored = stored_depth(request.depth) if request.depth else None
    meaning = request.settings.depth_values
    inputs = Inputs(
        identity=request.job_id(),
        settings=timed_settings(_settings(request, drawn), path),
        image=resize_image(image, width, height),
        camera=photo_camera(path.reference, width, height),
        path=tuple(photo_camera(camera, width, height) for camera in path.cameras),
        start_frame=path.frames[0],
        fps=path.fps,
        depth_map=None if stored is None else in_metres(stored, meaning),
        mask=regions.mask,
        annotation=drawn,
        flow=read_flow(request.flow) if request.flow else None,
        clip=decode_clip(request.clip) if request.clip else None,
        text=covered(lettering(image), width, height),
        segments=regions.segments,
        remarks=shape_remarks(image.shape[1], image.shape[0])
        + (() if stored is None else unit_remarks(stored, meaning)),
        highlights=_highlights(photo, border, width, height),
    )
    return _within(border, photo.size, inputs) if border else inputs


def _highlights(photo: Photo, border: Border, width: int, height: int) -> Float32Array | None:
    """Return the light beyond white at working size; channel by channel, as a photo is large."""
    if photo.highlights is None:
        return None
    within: NDArray[Any] = border.crop(photo.highlights)
    planes = [resize(within[..., channel], width, height) for channel in range(3)]
    highlights = np.stack(planes, axis=-1)
    return highlights if highlights.any() else None  # all of it may lie in the border


def _drawn(request: GenerateRequest, photo: tuple[int, int]) -> tuple[Regions, Annotation | None]:
    """Return what moves by the mask, and what was drawn; segments may be in either."""
    regions, drawn = Regions(None), None
    if request.mask:
        regions = read_regions(request.mask, request.settings.mask, photo)
    if request.hints:
        drawn = read_drawing(request.hints, photo)
        if drawn.segments is not None and regions.segments is None:
            regions = replace(regions, segments=drawn.segments)
        if not (drawn.says_what_moves or drawn.says_what_stands or len(drawn.hints)):
            drawn = None
    return regions, drawn


def _settings(request: GenerateRequest, drawn: Annotation | None) -> GenerateSettings:
    """Return the settings, by which hints that only say where it moves do not say how."""
    settings = request.settings
    if request.hints and settings.motion == "hints" and (drawn is None or not len(drawn.hints)):
        return settings.changed(motion="auto")
    return settings


def _within(border: Border, size: tuple[int, int], inputs: Inputs) -> Inputs:
    """Leave the border out of what was made from the photo with it, and say so."""

    def cropped(values: Any) -> Any:
        if values is None or not same_aspect(values.shape[1::-1], size):
            return values
        return np.ascontiguousarray(border.crop(values))

    drawn, clip = inputs.annotation, inputs.clip
    if drawn is not None and same_aspect((drawn.width, drawn.height), size):
        drawn = drawn.within(border.left, border.top, border.right, border.bottom)
    if clip is not None and same_aspect(clip.frames.shape[2:0:-1], size):
        clip = Clip(np.stack([cropped(frame) for frame in clip.frames]), clip.fps)
    return replace(
        inputs,
        depth_map=cropped(inputs.depth_map),
        mask=cropped(inputs.mask),
        segments=cropped(inputs.segments),
        flow=cropped(inputs.flow),
        annotation=drawn,
        clip=clip,
        remarks=(border.sentence(), *inputs.remarks),
        border=border,
    )


def timed_settings(settings: GenerateSettings, path: CameraPath) -> GenerateSettings:
    """Return ``settings`` with ``loop`` on or off and, if off, the frames of the shot.

    Raises:
        LivescapeError: ``settings_invalid`` if a shot without a loop is too long.
    """
    passed = max(path.frames) - path.frames[0]
    if loops(settings, passed):
        return settings.changed(loop="on")
    if passed > LONGEST_LOOP:
        message = f"A shot of {passed + 1} frames is too long to do without a loop."
        hint = f"Choose loop on, or a path of at most {LONGEST_LOOP + 1} frames."
        raise LivescapeError("settings_invalid", message, hint=hint)
    return settings.changed(loop="off", loop_frames=frames_of_motion(settings, passed))
