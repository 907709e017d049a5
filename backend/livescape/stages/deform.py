"""4D Gaussians: trajectories from the refined motion, trained on the looping animation (Eq. 8)."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from livescape.context import Context
from livescape.deform.basis import MovingField
from livescape.deform.deformation_models import (
    distillation_steps,
    initial_field,
    resolve_deformation,
)
from livescape.deform.fields import drawn_behind, sky_grid, surface_grid
from livescape.deform.hexplane_field import HexPlaneField
from livescape.deform.train import train_moving
from livescape.points.assemble import MOVING_SKY, MOVING_SURFACE, STATIC, UNDER, SceneGaussians
from livescape.points.feet import feet_of
from livescape.stages.animate import Animation
from livescape.stages.door import Inputs
from livescape.stages.layers import Geometry

NAME = "deform"
VERSION = 12

Float32Array = NDArray[np.float32]


@dataclass(frozen=True)
class MovingScene:
    """The moving Gaussians and what their training says.

    Attributes:
        moving: Gaussians that flow.
        figures: Losses before and after, for the report.
    """

    moving: MovingField | HexPlaneField
    figures: dict[str, float] = field(default_factory=dict)


def run(
    context: Context,
    inputs: Inputs,
    geometry: Geometry,
    fitted: SceneGaussians,
    motion: Float32Array,
    animation: Animation,
) -> MovingScene:
    """Return the moving ones of ``fitted`` on trajectories that follow ``motion`` [N, 3]."""
    settings, progress = inputs.settings, context.progress
    with progress.stage(NAME):
        model = resolve_deformation(settings.deform)
        distillation = distillation_steps(model)
        total = distillation + settings.deform_iterations
        moments = animation.photo.moments
        surface = surface_grid(geometry.layers, geometry.cloud, motion, moments)
        grids = {
            MOVING_SURFACE: replace(surface, feet=feet_of(geometry.layers)),
            UNDER: drawn_behind(geometry.layers, surface),
            MOVING_SKY: sky_grid(geometry.layers, geometry.cloud, motion, moments),
        }
        moving = initial_field(
            model,
            ((fitted.only(kind), grid) for kind, grid in grids.items()),
            loop_frames=settings.loop_frames,
            terms=settings.deform_terms,
            seed=settings.seed,
            device=context.device,
            progress=lambda step, _: progress.step(step, total),
            most=settings.gaussian_budget - int((fitted.kind == STATIC).sum()),
        )
        trained, figures = train_moving(
            fitted.only(STATIC),
            moving,
            animation.frames,
            iterations=settings.deform_iterations,
            train_trajectories=model != "symmetric",
            blend=settings.blend,
            device=context.device,
            progress=lambda step, _: progress.step(distillation + step, total),
        )
    return MovingScene(trained, figures)
