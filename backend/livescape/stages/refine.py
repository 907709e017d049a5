"""One 3D motion for every point of the scene, out of the 2D motion of many views (Eq. 6-7)."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from livescape.context import Context
from livescape.engine.irls.observations import MotionView
from livescape.motion.refine import along_surface, fill_unsupported, refine_motion
from livescape.points.surfels import surface_normals
from livescape.stages.door import Inputs
from livescape.stages.layers import Geometry
from livescape.stages.motion import moving_points

NAME = "refine"
VERSION = 3

Float32Array = NDArray[np.float32]


def run(
    context: Context, inputs: Inputs, geometry: Geometry, views: Sequence[MotionView]
) -> Float32Array:
    """Return the motion [N, 3] of every cloud point in metres per frame, world axes."""
    motion = np.zeros_like(geometry.cloud.points)
    wanted = moving_points(geometry)
    if not len(wanted):
        return motion
    points = geometry.cloud.points[wanted]
    with context.progress.stage(NAME):
        normals = surface_normals(geometry.layers)[wanted]
        with context.progress.part(0.0, 0.9):
            refined = refine_motion(
                points,
                views,
                normals=normals,
                solver=inputs.settings.solver,
                device=context.device,
                progress=context.progress.step,
            )
        with context.progress.part(0.9, 1.0):
            filled = fill_unsupported(
                refined.motion, refined.support, points, progress=context.progress.step
            )
        kept = along_surface(filled, points, normals, inputs.camera.position)
    motion[wanted] = kept * np.float32(inputs.settings.speed)
    return motion
