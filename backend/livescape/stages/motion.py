"""Eq. 6-7: one 3D motion for every point of the scene, out of the 2D motion of many views."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from livescape.context.device import compute_device
from livescape.context.progress import Run
from livescape.motion.per_view import PhotoMotionInputs, motion_views
from livescape.motion.refine import fill_unsupported, refine_motion
from livescape.points.surfels import surface_normals
from livescape.stages.door import Inputs
from livescape.stages.geometry import Geometry, chosen_views
from livescape_shared.settings import GenerateSettings

Float32Array = NDArray[np.float32]

MOTION_VIEWS = 5
"""Views along the path whose 2D motion is refined into one 3D motion."""


def refined_motion(
    inputs: Inputs, geometry: Geometry, settings: GenerateSettings, run: Run
) -> Float32Array:
    """Return the motion [N, 3] of every cloud point in metres per frame, world axes."""
    cloud = geometry.cloud
    motion = np.zeros_like(cloud.points)
    wanted = np.flatnonzero(cloud.seen & (cloud.moving > 0))
    if not len(wanted):
        return motion
    points = cloud.points[wanted]
    with run.stage("motion"):
        cameras = chosen_views(inputs, geometry, settings, MOTION_VIEWS)
        photo = photo_motion(inputs, geometry, settings)
        views = motion_views(photo, cloud, _attributes(geometry), points, cameras)
    with run.stage("refine"):
        normals = surface_normals(geometry.layers)[wanted]
        refined = refine_motion(
            points,
            views,
            normals=normals,
            solver=settings.solver,
            device=compute_device(),
            progress=run.step,
        )
        filled = fill_unsupported(refined.motion, refined.support, points)
    motion[wanted] = filled * np.float32(settings.speed)
    return motion


def photo_motion(
    inputs: Inputs, geometry: Geometry, settings: GenerateSettings
) -> PhotoMotionInputs:
    """Return what is known about motion in the photo itself; a flow file tells more than a clip."""
    by_clip = settings.motion == "video" or inputs.flow is None
    return PhotoMotionInputs(
        image=inputs.image,
        mask=geometry.mask,
        sky=geometry.layout.sky,
        water=geometry.layout.water,
        depth=geometry.depth.depth,
        horizon_row=geometry.depth.horizon_row,
        method=settings.motion,
        annotation=inputs.annotation,
        flow=geometry.clip_motion if by_clip else inputs.flow,
    )


def _attributes(geometry: Geometry) -> Float32Array:
    """Return [N, 6]: colour, motion mask, sky and water of every cloud point."""
    cloud, margin = geometry.cloud, geometry.layers.margin
    columns, rows = cloud.pixels.T
    water = np.pad(geometry.layout.water, margin, mode="edge")[rows, columns]
    planes = [cloud.moving, cloud.sky.astype(np.float32), np.where(cloud.sky, 0.0, water)]
    return np.column_stack([cloud.colors, *planes]).astype(np.float32)
