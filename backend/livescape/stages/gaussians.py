"""Static 3D Gaussians: one a cell of the layers, then fitted to the photo and its views (Eq. 3)."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from livescape.cameras.path_views import evenly
from livescape.context import Context
from livescape.engine.warmup import warmup
from livescape.gaussians.density import DensityControl
from livescape.gaussians.optimise import FitSettings, fit
from livescape.gaussians.view_loss import TrainingView
from livescape.gaussians.visibility import in_frame
from livescape.inpainting.fill import inpainting_identity
from livescape.points.assemble import (
    HIDDEN,
    MOVING_SURFACE,
    STATIC,
    UNDER,
    SceneGaussians,
    assemble,
)
from livescape.points.attention import attention
from livescape.points.dome import dome
from livescape.stages.door import Inputs
from livescape.stages.layers import Geometry, chosen_views
from livescape.views.training import training_views
from livescape_shared.camera import Camera
from livescape_shared.gaussians import Gaussians

NAME, VIEWS, OPTIMISE = "gaussians", "views", "optimise"
VERSION = 7

CHOICES = (
    "gaussian_budget",
    "views",
    "view_set",
    "view_margin",
    "fit_iterations",
    "density",
    "blend",
    "seed",
)
"""Settings that the result depends on."""

COLOR_REACH = 0.1
"""Most by which a fitted colour may leave what the photo shows there, in display sRGB. Neighbours
otherwise part in complementary colours, which sum to the photo only until one of them moves away:
specks of magenta and green."""

UNDER_ITERATIONS = 40
"""Steps in which the colours of what lies under things are fitted."""

PATH_VIEWS = 24
"""Frames of the path, at most, that decide what of the scene is ever in frame."""


def run(context: Context, inputs: Inputs, geometry: Geometry) -> SceneGaussians:
    """Return the Gaussians at t = 0, fitted to the photo and to the views of its point cloud.

    They do not depend on how anything moves: another motion finds them in the cache.
    """
    settings = inputs.settings
    cameras = (inputs.camera, *inputs.path)
    return context.cached(
        NAME,
        VERSION,
        SceneGaussians,
        lambda: _fitted(context, inputs, geometry),
        inputs.image,
        geometry.depth.depth,
        geometry.depth.sky,
        geometry.mask,
        np.stack([camera.K for camera in cameras]),
        np.stack([camera.viewmat for camera in cameras]),
        geometry.depth.source,
        settings.inpainting,
        inpainting_identity(context, settings.inpainting),
        {name: getattr(settings, name) for name in CHOICES},
    )


def _fitted(context: Context, inputs: Inputs, geometry: Geometry) -> SceneGaussians:
    settings, progress = inputs.settings, context.progress
    with progress.stage(NAME):
        if context.device == "cpu":
            progress.waiting(warmup)
        cameras = chosen_views(context, inputs, geometry, settings.views)
        importance = attention(
            geometry.cloud,
            geometry.layers,
            inputs.camera,
            inputs.path,
            device=context.device,
            progress=progress.step,
        )
        around = dome(geometry.layers, inputs.path, settings.gaussian_budget)
        budget = settings.gaussian_budget - len(around)
        initial = assemble(geometry.layers, importance, budget, progress.step)
        watched = [*cameras, *watched_frames(inputs.path)]
        initial = initial[in_frame(initial.gaussians, watched) | initial.moves]
        hidden = np.isin(initial.kind, HIDDEN)
        held, initial = initial[hidden], initial[~hidden]
    with progress.stage(VIEWS):
        views = training_views(
            geometry.cloud, inputs.image, cameras, device=context.device, progress=progress.step
        )
    with progress.stage(OPTIMISE):
        fit_settings = FitSettings(
            iterations=settings.fit_iterations,
            color_reach=COLOR_REACH,
            blend=settings.blend,
            seed=settings.seed,
            device=context.device,
        )
        held = _under_fitted(context, geometry, held, fit_settings)
        density = None
        if settings.density == "adaptive":
            density = DensityControl(
                budget=settings.gaussian_budget - len(around) - int(held.costs.sum()),
                groups=initial.kind,
                costs=initial.costs,
                largest_radius=0.5 * max(inputs.camera.width, inputs.camera.height),
            )
        # What lies under things and behind everything is seen but not fitted: training makes it
        # transparent where it is hidden, and the flow uncovers that later. The still copies of
        # what moves are not even seen: what moves has to be whole without them.
        result = fit(
            initial.gaussians,
            views,
            fit_settings,
            progress.step,
            density=density,
            backdrop=Gaussians.concatenate(held.only(UNDER), around),
        )
    kinds = np.where(held.moves, MOVING_SURFACE, STATIC).astype(np.uint8)
    beyond = SceneGaussians(around, np.full(len(around), STATIC, np.uint8))
    fitted = SceneGaussians(result.gaussians, initial.kind[result.sources])
    return SceneGaussians.concatenate(fitted, SceneGaussians(held.gaussians, kinds), beyond)


def _under_fitted(
    context: Context, geometry: Geometry, held: SceneGaussians, settings: FitSettings
) -> SceneGaussians:
    """Return ``held`` with what lies under things fitted, in place, to the colours invented there.

    No view shows it as a whole, so it is fitted by itself, as if nothing stood there.
    """
    under = held.kind == UNDER
    if not under.any() or not settings.iterations:
        return held
    layer, camera = geometry.layers.layer("under"), geometry.layers.camera
    view = TrainingView(camera.viewmat, camera.K, layer.image, layer.valid.astype(np.float32))
    colours = replace(
        settings,
        iterations=UNDER_ITERATIONS,
        offset_rate=0.0,
        quat_rate=0.0,
        scale_rate=0.0,
    )
    fitted = fit(held.gaussians[under], [view], colours, lambda *_: context.progress.step(0, 1))
    alone = SceneGaussians(fitted.gaussians, held.kind[under])
    return SceneGaussians.concatenate(held[~under], alone)


def watched_frames(path: tuple[Camera, ...]) -> list[Camera]:
    """Return at most :data:`PATH_VIEWS` frames, evenly spread from the first to the last."""
    return [path[index] for index in evenly(len(path), min(len(path), PATH_VIEWS))]
