"""2D motion in the photo and in views along the path."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from livescape.context import Context
from livescape.depth.types import DepthEstimate
from livescape.engine.irls.observations import MotionView
from livescape.layout.types import SceneLayout
from livescape.motion.per_view import PhotoMotionInputs, motion_views
from livescape.stages.door import Inputs
from livescape.stages.layers import Geometry, chosen_views, is_guessed

NAME = "motion"
VERSION = 18

Float32Array = NDArray[np.float32]

MOTION_VIEWS = 5
"""Views along the path whose 2D motion is refined into one 3D motion."""


def run(context: Context, inputs: Inputs, geometry: Geometry) -> list[MotionView]:
    """Return the 2D motion of every view, the photo's first; none where nothing moves."""
    moving = moving_points(geometry)
    if not len(moving):
        return []
    with context.progress.stage(NAME):
        cameras = chosen_views(context, inputs, geometry, MOTION_VIEWS)
        photo = photo_motion(inputs, geometry)
        points = geometry.cloud.points[moving]
        return motion_views(context, photo, geometry.cloud, _attributes(geometry), points, cameras)


def moving_points(geometry: Geometry) -> NDArray[np.intp]:
    """Return the cloud's points [P] whose motion is wanted: those that the photo shows moving."""
    return np.flatnonzero(geometry.cloud.seen & (geometry.cloud.moving > 0))


def photo_motion(inputs: Inputs, geometry: Geometry) -> PhotoMotionInputs:
    """Return what is known about motion in the photo itself."""
    return known_motion(
        inputs, geometry.layout, geometry.depth, geometry.mask, geometry.clip_motion
    )


def known_motion(
    inputs: Inputs,
    layout: SceneLayout,
    depth: DepthEstimate,
    mask: Float32Array,
    clip_motion: Float32Array | None,
) -> PhotoMotionInputs:
    """Return the same without layers; a flow file tells more than a clip."""
    by_clip = inputs.settings.motion == "video" or inputs.flow is None
    return PhotoMotionInputs(
        image=inputs.image,
        mask=mask,
        sky=layout.sky,
        water=layout.water,
        falls=layout.falls,
        flows=layout.flows if is_guessed(inputs) else None,
        depth=depth.depth,
        horizon_row=depth.horizon_row,
        method=inputs.settings.motion,
        annotation=inputs.annotation,
        flow=clip_motion if by_clip else inputs.flow,
        fps=inputs.fps,
        shell=depth.sky,
    )


def _attributes(geometry: Geometry) -> Float32Array:
    """Return [N, 6]: colour, motion mask, sky and water of every cloud point."""
    cloud, margins = geometry.cloud, geometry.layers.margins
    columns, rows = cloud.pixels.T
    around = (margins.rows, margins.columns)
    water = np.pad(geometry.layout.water, around, mode="edge")[rows, columns]
    planes = [cloud.moving, cloud.sky.astype(np.float32), np.where(cloud.sky, 0.0, water)]
    return np.column_stack([cloud.colors, *planes]).astype(np.float32)
