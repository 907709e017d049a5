"""What is shown before a scene is made: the photo moving in 2D, outlines of what moves by itself.

It takes the stages up to the photo's own motion, at the size that the request asks for, so that an
artist sees within seconds what was drawn. What is learnt of the photo stays in the cache.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from livescape.context import Context
from livescape.depth.types import DepthEstimate
from livescape.imaging.borders import Border
from livescape.layout.types import SceneLayout
from livescape.motion.animate import animate
from livescape.motion.masks import default_mask
from livescape.motion.moments import moments
from livescape.motion.outlines import outlines
from livescape.motion.per_view import photo_flow
from livescape.motion.remarks import motion_remarks
from livescape.stages import depth, layout
from livescape.stages.door import Inputs
from livescape.stages.layers import measured_clip, motion_mask, without_objects
from livescape.stages.motion import known_motion
from livescape_shared.request import MOTION, REGIONS

Float32Array = NDArray[np.float32]
ChunkParts = tuple[str, int, dict[str, Any], dict[str, NDArray[Any]]]

LOOP = 36
"""Frames after which the sketch repeats."""

STEP = 3
"""Every how many of them is made."""

SKY, WATER = "sky", "water"


@dataclass(frozen=True)
class Sketch:
    """Something small to show.

    Attributes:
        kind: :data:`MOTION` or :data:`REGIONS`.
        meta: For ``motion`` ``frames_per_image``, ``fps`` and ``edges`` of the images: left, top,
            right, bottom, as shares of the photo; for ``regions`` their ``names`` and ``counts``
            of corners.
        arrays: For ``motion`` of the photo without a border ``images`` [n, h, w, 3] uint8, ``mask``
            [h, w] uint8 and ``flow`` [h, w, 2] float32 in pixels per frame; for ``regions`` the
            corners of all outlines [k, 2] float32 in shares of the photo, one after the other.
        report: What there is to say about it.
    """

    kind: str
    meta: dict[str, Any]
    arrays: dict[str, NDArray[Any]]
    report: dict[str, Any] = field(default_factory=dict)


def run(context: Context, inputs: Inputs, purpose: str) -> Sketch:
    """Return the sketch that is asked for.

    Raises:
        LivescapeError: The codes of layout, depth and motion.
    """
    photo_layout = layout.run(context, inputs)
    if purpose == REGIONS:
        return _regions(inputs, photo_layout)
    return _moving_photo(context, inputs, photo_layout, depth.run(context, inputs, photo_layout))


def sketch_chunks(sketch: Sketch) -> Iterator[ChunkParts]:
    """Yield (kind, index, meta, arrays) of all that is sent to Blender."""
    yield sketch.kind, 0, sketch.meta, sketch.arrays


def _regions(inputs: Inputs, photo_layout: SceneLayout) -> Sketch:
    """Return outlines of sky and water where they move by themselves."""
    mask = default_mask(photo_layout.sky, photo_layout.water, inputs.image) > 0.5
    in_sky = photo_layout.sky > photo_layout.water
    found = [
        (name, outline)
        for name, part in ((SKY, mask & in_sky), (WATER, mask & ~in_sky))
        for outline in outlines(part)
    ]
    corners = [_on_whole(outline, inputs.border) for _, outline in found]
    meta = {"names": [name for name, _ in found], "counts": [len(each) for each in corners]}
    joined = np.concatenate(corners) if corners else np.zeros((0, 2), np.float32)
    return Sketch(REGIONS, meta, {"corners": joined.astype(np.float32)})


def _moving_photo(
    context: Context, inputs: Inputs, photo_layout: SceneLayout, known: DepthEstimate
) -> Sketch:
    clip = measured_clip(context, inputs, photo_layout, known)
    mask = motion_mask(inputs, photo_layout, clip)
    if clip is None:
        mask, _, _ = without_objects(inputs, mask, known.depth, known.sky, known.source)
    photo = known_motion(inputs, photo_layout, known, mask, None if clip is None else clip.flow)
    flow = photo_flow(context, photo, inputs.camera) * np.float32(inputs.settings.speed)
    hinted = inputs.annotation if inputs.settings.motion == "hints" else None
    said = [clip.remark] if clip is not None and clip.remark else []
    remarks = [*inputs.remarks, *said, *motion_remarks(hinted, mask, known)]
    arrays: dict[str, NDArray[Any]] = {
        "images": np.stack(list(_frames(context, inputs.image, flow, mask))),
        "mask": np.rint(mask * 255).astype(np.uint8),
        "flow": flow.astype(np.float32),
    }
    edges = _on_whole(np.array([[0.0, 0.0], [1.0, 1.0]], np.float32), inputs.border)
    meta = {
        "frames_per_image": STEP,
        "fps": float(inputs.fps),
        "edges": [float(edge) for edge in edges.ravel()],
    }
    return Sketch(MOTION, meta, arrays, {"remarks": remarks})


def _on_whole(places: Float32Array, border: Border | None) -> Float32Array:
    """Return places [n, 2] in shares of the photo without a border as shares of the whole photo."""
    if border is None:
        return places
    left, top = border.left, border.top
    across, down = 1.0 - left - border.right, 1.0 - top - border.bottom
    return np.asarray(places * (across, down) + (left, top), dtype=np.float32)


def _frames(
    context: Context, image: Float32Array, flow: Float32Array, mask: Float32Array
) -> Iterator[NDArray[np.uint8]]:
    """Yield the images of a loop in 8 bits; one alone where nothing moves."""
    with context.progress.stage("animate"):
        moving = bool((np.abs(flow).sum(-1) * mask).any())
        numbers = range(0, LOOP if moving else 1, STEP)
        hands = moments(image, flow, mask, LOOP, context.device) if moving else None
        shown = animate(image, flow, mask, numbers, LOOP, moments=hands, device=context.device)
        for index, each in enumerate(shown):
            context.progress.step(index, len(numbers))
            yield np.rint(np.clip(each, 0.0, 1.0) * 255).astype(np.uint8)
