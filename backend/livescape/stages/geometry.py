"""The photo in three dimensions: layout, depth, layers, points, and the views of them."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from livescape.context.cache import StageCache, stage_key
from livescape.context.progress import Run
from livescape.depth.types import DepthEstimate
from livescape.layout.scene_layout import estimate_layout
from livescape.layout.types import SceneLayout
from livescape.points.cloud import PointCloud, point_cloud
from livescape.points.layers import LayeredPhoto, build_layers
from livescape.points.skyline import reclaim_thin_structures
from livescape.stages.door import (
    Inputs,
    depth_signature,
    find_clip_motion,
    find_depth,
    motion_mask,
)
from livescape.views.choose import choose_views
from livescape_shared.camera import Camera
from livescape_shared.request import GenerateRequest
from livescape_shared.settings import GenerateSettings

Float32Array = NDArray[np.float32]


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
    """

    layout: SceneLayout
    depth: DepthEstimate
    mask: Float32Array
    layers: LayeredPhoto
    cloud: PointCloud
    clip_motion: Float32Array | None = None


def reconstruct(request: GenerateRequest, inputs: Inputs, run: Run, cache: StageCache) -> Geometry:
    """Eq. 1-2: layout and depth, then layers and one point per pixel.

    Args:
        request: Settings and the depth file.
        inputs: The decoded inputs of ``request``.
        run: Told of the stages.
        cache: Keeps layout, depth and the clip's motion.
    """
    with run.stage("layout"):
        key = stage_key("layout", inputs.image)
        layout, _ = cache.get(key, SceneLayout, lambda: estimate_layout(inputs.image))
    with run.stage("depth"):
        asked = request.depth, request.settings.depth, depth_signature(request)
        key = stage_key("depth", inputs.image, inputs.camera.K, *asked)
        depth, _ = cache.get(key, DepthEstimate, lambda: find_depth(request, inputs, layout))
    with run.stage("layers"):
        surface, sky = reclaim_thin_structures(inputs.image, depth.depth, depth.sky)
        clip = find_clip_motion(request, inputs, cache)
        mask = motion_mask(inputs, layout, request.settings.motion, clip)
        mask = np.where(depth.sky & ~sky, 0.0, mask).astype(np.float32)
        depth = replace(depth, depth=surface, sky=sky)
        layers = build_layers(
            inputs.image,
            surface,
            sky,
            mask,
            inputs.camera,
            inputs.path,
            inpainting=request.settings.inpainting,
        )
        cloud = point_cloud(layers)
    return Geometry(layout, depth, mask, layers, cloud, None if clip is None else clip.flow)


def chosen_views(
    inputs: Inputs, geometry: Geometry, settings: GenerateSettings, most_on_path: int
) -> list[Camera]:
    """Return the cameras that ``settings`` ask for, the photo's first; see :func:`choose_views`."""
    return choose_views(
        inputs.camera, inputs.path, geometry.depth, geometry.cloud, settings, most_on_path
    )
