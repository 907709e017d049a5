"""The photo in three dimensions: what moves, layers in depth, one point per pixel (Eq. 1-2)."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from livescape.context import Context
from livescape.depth.reflections import mirrored_depth
from livescape.depth.types import DepthEstimate
from livescape.imaging.morphology import nearest_values
from livescape.imaging.resampling import fill_unknown
from livescape.layout.types import SceneLayout
from livescape.motion.clip_surroundings import INVENTED, MEASURED, Surroundings
from livescape.motion.hints import annotation_mask, still_mask
from livescape.motion.lettering import covered
from livescape.motion.masks import check_aspect, default_mask, resolve_mask
from livescape.motion.region_files import moving_segments
from livescape.motion.standing import standing_objects, stood_up
from livescape.motion.video import ClipMotion, clip_motion
from livescape.points.cloud import PointCloud, point_cloud
from livescape.points.layers import MOVES, LayeredPhoto, build_layers
from livescape.points.matting import matte
from livescape.points.rim import standing_rim
from livescape.points.skyline import reclaim_thin_structures
from livescape.stages.door import Inputs
from livescape.views.choose import choose_views
from livescape_shared.camera import Camera

NAME = "layers"
VERSION = 29

Float32Array = NDArray[np.float32]

POPUP = "popup"
"""The depth that is invented from the layout, and knows no objects of its own."""

CLIP_METHODS = ("video", "auto")
"""Motion estimators that look at a clip."""


@dataclass(frozen=True)
class Geometry:
    """The photo in three dimensions, not yet Gaussians.

    Attributes:
        layout: Sky, water and ground.
        depth: Metres, and where the sky is.
        mask: [H, W] 0..1, what moves.
        layers: What the photo shows and what lies behind it.
        cloud: One point per pixel of every layer.
        clip_motion: [H, W, 2] what a clip says of the photo's motion, in pixels per frame.
        clip_remark: What the artist should know of the clip's camera, or nothing.
    """

    layout: SceneLayout
    depth: DepthEstimate
    mask: Float32Array
    layers: LayeredPhoto
    cloud: PointCloud
    clip_motion: Float32Array | None = None
    clip_remark: str = ""


def run(context: Context, inputs: Inputs, layout: SceneLayout, depth: DepthEstimate) -> Geometry:
    """Split the photo into layers, invent what they hide, and make points of them.

    Raises:
        LivescapeError: The codes of masks, clips and inpainters.
    """
    with context.progress.stage(NAME):
        surface = depth.depth
        if is_guessed(inputs) and inputs.depth_map is None:
            surface = mirrored_depth(surface, layout)
        surface, sky = reclaim_thin_structures(inputs.image, surface, depth.sky)
        clip = measured_clip(context, inputs, layout, replace(depth, depth=surface, sky=sky))
        mask = motion_mask(inputs, layout, clip)
        mask = np.where(depth.sky & ~sky, 0.0, mask).astype(np.float32)
        if clip is None:
            mask, surface, sky = without_objects(inputs, mask, surface, sky, depth.source)
        mask, surface, sky = without_rim(inputs.image, mask, surface, sky)
        given = inputs.image, surface, sky, mask > MOVES
        parted = context.progress.waiting(lambda: matte(*given))
        layers = build_layers(
            context,
            inputs.image,
            surface,
            sky,
            mask,
            inputs.camera,
            inputs.path,
            inpainting=inputs.settings.inpainting,
            matte=parted,
        )
        if parted is not None:
            surface = parted.depth
            mask, sky = parted.standing(mask, sky)
        depth = replace(depth, depth=surface, sky=sky)
        cloud = point_cloud(layers)
    if clip is None:
        return Geometry(layout, depth, mask, layers, cloud)
    return Geometry(layout, depth, mask, layers, cloud, clip.flow, clip.remark)


def without_rim(
    image: Float32Array, mask: Float32Array, depth: Float32Array, sky: NDArray[np.bool_]
) -> tuple[Float32Array, Float32Array, NDArray[np.bool_]]:
    """Let pixels stand that show some of what stands beside what moves, be it a clear sky.

    Returns:
        Mask, depth and sky [H, W]; such pixels are as far as what stands beside them.
    """
    mask, depth, sky = _without_sky_rim(image, mask, depth, sky)
    moving = mask > MOVES
    stands = ~moving & ~sky
    rim = standing_rim(image, moving, stands)
    if not rim.any():
        return mask, depth, sky
    _, beside = nearest_values(depth, stands)
    surface = np.where(rim, beside, depth).astype(np.float32)
    return np.where(rim, 0.0, mask).astype(np.float32), surface, sky & ~rim


def _without_sky_rim(
    image: Float32Array, mask: Float32Array, depth: Float32Array, sky: NDArray[np.bool_]
) -> tuple[Float32Array, Float32Array, NDArray[np.bool_]]:
    """Let pixels of water stand that show some of the still sky behind its edge, such as a lip."""
    moving, clear = mask > MOVES, sky & (mask <= MOVES)
    rim = standing_rim(image, moving & ~sky, clear)
    if not rim.any():
        return mask, depth, sky
    _, beside = nearest_values(depth, clear)
    farther = np.where(rim, beside, depth).astype(np.float32)
    return np.where(rim, 0.0, mask).astype(np.float32), farther, sky | rim


def without_objects(
    inputs: Inputs, mask: Float32Array, depth: Float32Array, sky: NDArray[np.bool_], source: str
) -> tuple[Float32Array, Float32Array, NDArray[np.bool_]]:
    """Leave out of the mask what stands in the water and before the sky, and text over them.

    Returns:
        Mask, depth and sky [H, W]. Objects before the sky are as far as the skyline below them;
        those that an invented depth laid into the water stand on their foot.
    """
    drawn = inputs.annotation
    if drawn is not None:
        drawn = drawn.resized(mask.shape[1], mask.shape[0])
    objects = standing_objects(
        inputs.image,
        mask,
        depth,
        sky,
        measured=source != POPUP,
        hints=None if drawn is None else drawn.starts,
        groups=None if drawn is None else drawn.groups,
    )
    objects |= covered(inputs.text, *mask.shape[::-1]) & (mask > 0)
    if sky.all() or not objects.any():
        return np.where(objects, 0.0, mask).astype(np.float32), depth, sky
    surface = np.where(objects & sky, fill_unknown(depth, sky), depth).astype(np.float32)
    if source == POPUP:
        surface = stood_up(surface, objects & ~sky)
    return np.where(objects, 0.0, mask).astype(np.float32), surface, sky & ~objects


def chosen_views(
    context: Context, inputs: Inputs, geometry: Geometry, most_on_path: int
) -> list[Camera]:
    """Return the cameras that the settings ask for, the photo's first; see :func:`choose_views`."""
    return choose_views(
        inputs.camera,
        inputs.path,
        geometry.depth,
        geometry.cloud,
        inputs.settings,
        most_on_path,
        device=context.device,
        progress=context.progress.step,
    )


def measured_clip(
    context: Context, inputs: Inputs, layout: SceneLayout, depth: DepthEstimate
) -> ClipMotion | None:
    """Return the clip's motion on the photo, in pixels per scene frame; None if it is not asked."""
    if inputs.clip is None or inputs.settings.motion not in CLIP_METHODS:
        return None
    clip, (height, width) = inputs.clip, inputs.image.shape[:2]
    around = Surroundings.of_photo(
        depth.depth,
        known_to_stand(inputs, layout),
        inputs.camera.K,
        clip.frames.shape[1:3],
        INVENTED if inputs.depth_map is None else MEASURED,
    )
    measured = context.cached(
        "clip", VERSION, ClipMotion, lambda: clip_motion(clip, around, context.progress.step),
        clip.frames, clip.fps, around.depth, around.stands, around.K, around.doubt,
    )  # fmt: skip
    return measured.on_photo(width, height, clip.fps / inputs.fps)


def known_to_stand(inputs: Inputs, layout: SceneLayout) -> NDArray[np.bool_]:
    """Return [H, W] what cannot move.

    That is what the artist says stands, and what is neither water nor sky and not said to move.
    """
    height, width = inputs.image.shape[:2]
    moves = np.asarray(layout.sky + layout.water, dtype=np.float32)
    drawn = inputs.annotation
    outlined = None
    if drawn is not None and drawn.says_what_moves:
        outlined = annotation_mask(drawn, width, height)
    if inputs.mask is not None or outlined is not None:
        told = resolve_mask(width, height, given=inputs.mask, annotation=outlined)
        moves = np.maximum(moves, told)
    if drawn is not None and drawn.says_what_stands:
        moves = moves * (1.0 - still_mask(drawn, width, height))
    return np.asarray(moves < 0.5)


def is_guessed(inputs: Inputs) -> bool:
    """Return whether nobody says what moves and how: still water may then be left still."""
    told = (inputs.annotation, inputs.mask, inputs.flow, inputs.clip)
    return inputs.settings.motion == "auto" and all(one is None for one in told)


def motion_mask(
    inputs: Inputs, layout: SceneLayout, clip: ClipMotion | None = None
) -> Float32Array:
    """Return the mask [H, W] of what moves: given, drawn, found in the clip or in the photo."""
    height, width = inputs.image.shape[:2]
    if inputs.settings.motion == "none":
        return np.zeros((height, width), dtype=np.float32)
    drawn = None
    if inputs.annotation is not None and inputs.annotation.says_what_moves:
        drawn = annotation_mask(inputs.annotation, width, height)
    found: Float32Array | None = None
    if clip is not None:
        found = clip.mask
    elif inputs.mask is None and drawn is None:
        # Hints, flows and networks may well move what is mirrored.
        water = layout.drifting_water if is_guessed(inputs) else layout.water
        found = default_mask(layout.sky, water, inputs.image)
        if inputs.segments is not None:
            check_aspect(inputs.segments.shape, (width, height))
            found = moving_segments(inputs.segments, found)
    mask = resolve_mask(width, height, given=inputs.mask, annotation=drawn, default=found)
    if inputs.annotation is not None and inputs.annotation.says_what_stands:
        mask = mask * (1.0 - still_mask(inputs.annotation, width, height))
    return np.asarray(mask, dtype=np.float32)
