"""What is shown while the scene is made: the photo in depth within seconds, then coarse motion.

The same stages on a small copy of the photo, with the choices that take least time. Nothing of it
goes into the scene, whose bits are the same with and without it.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Sequence
from dataclasses import fields, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from livescape.context import Context
from livescape.context.progress import Progress
from livescape.deform.basis import MovingField
from livescape.deform.hexplane_field import HexPlaneField
from livescape.deform.living_scene import LivingScene
from livescape.imaging.sampling import resize, resize_image, working_size
from livescape.layout.types import SceneLayout
from livescape.motion.handover import fade_length
from livescape.points.assemble import (
    SHAPES,
    STATIC,
    UNDERLAY,
    SceneGaussians,
    assemble,
)
from livescape.points.dome import dome
from livescape.stages import animate, deform, depth, gaussians, layers, layout, motion, refine
from livescape.stages.cover import copies_and_ways
from livescape.stages.door import Inputs
from livescape.stages.evaluate import description
from livescape.stages.layers import Geometry
from livescape_shared.errors import Cancelled
from livescape_shared.estimate import COARSE_GAUSSIANS
from livescape_shared.gaussians import Gaussians

LOGGER = logging.getLogger(__name__)

NAME = "early"

SIZE = 256
"""Long side in pixels of the photo's small copy."""

BUDGET = COARSE_GAUSSIANS
"""Gaussians of a coarse scene, copies included."""

MOST_POSITIONS = 12_000_000
"""Gaussians times frames of a fitted scene that is shown: more take longer than they are worth."""

CLOSED = (0.85, 0.995)
"""Standard deviation in cell widths and opacity of what stands still."""

CHOICES: dict[str, Any] = {
    "gaussian_budget": BUDGET,
    "views": 1,
    "view_set": "path",
    "inpainting": "patchmatch",
    "fit_iterations": 0,
    "density": "fixed",
    "solver": "none",
    "deform": "basis",
    "deform_iterations": 0,
    "animator": "splat",
    "animated_views": "centre",
}
"""Settings that take least time; the others are the artist's."""

Show = Callable[[LivingScene], None]


def run(context: Context, inputs: Inputs, show: Show) -> None:
    """Show a coarse scene that stands still, then one that moves.

    Whatever goes wrong is logged and left to the real run to say.

    Raises:
        Cancelled: If the user has cancelled.
    """
    try:
        aside = _aside(context)
        # The real run finds it in the cache: it takes as long for a small photo as for this one.
        whole = layout.run(aside, inputs)
        _run(aside, coarse(inputs), whole, show)
    except Cancelled:
        raise
    except Exception:
        LOGGER.warning("there is nothing to show early", exc_info=True)


def show_fitted(
    context: Context,
    inputs: Inputs,
    geometry: Geometry,
    fitted: SceneGaussians,
    flow: NDArray[np.float32],
    animation: animate.Animation,
    show: Show,
) -> None:
    """Show the fitted Gaussians on trajectories that are not trained, if training takes a while.

    Args:
        context: Of the real run.
        inputs: Of the real run.
        geometry: Layers and the cloud of N points.
        fitted: What is to be trained.
        flow: [N, 3] metres per frame, world axes.
        animation: What it would be trained on.
        show: Takes the scene.

    Raises:
        Cancelled: If the user has cancelled.
    """
    settings = inputs.settings
    is_small = settings.gaussian_budget * settings.loop_frames <= MOST_POSITIONS
    if not settings.deform_iterations or not fitted.moves.any() or not is_small:
        return
    untrained = replace(inputs, settings=settings.changed(deform_iterations=0, deform="basis"))
    try:
        moved = deform.run(
            _aside(context), untrained, geometry, fitted, flow, replace(animation, frames=())
        )
        show(put_together(inputs, fitted.only(STATIC), moved.moving))
    except Cancelled:
        raise
    except Exception:
        LOGGER.warning("the fitted scene is not shown early", exc_info=True)


def coarse(inputs: Inputs) -> Inputs:
    """Return the inputs of the coarse scenes: a small photo, and choices that take little time."""
    settings = inputs.settings
    height, width = inputs.image.shape[:2]
    size = working_size(width, height, min(SIZE, max(width, height)))
    choices = dict(CHOICES, working_size=max(size))
    choices["depth"] = "popup" if inputs.depth_map is None else settings.depth
    if settings.motion == "network" or (settings.motion == "video" and inputs.flow is None):
        choices["motion"] = "auto"
    return replace(
        inputs,
        settings=settings.changed(**choices),
        image=resize_image(inputs.image, *size),
        camera=inputs.camera.resized(*size),
        path=tuple(camera.resized(*size) for camera in inputs.path),
        clip=None,
        highlights=None,
    )


def _aside(context: Context) -> Context:
    """Return a context whose steps do not move the bar, for this is no part of the way."""
    outer = context.progress

    def report(_stage: str, _step: int, _total: int, fraction: float) -> None:
        outer.aside(NAME, round(100 * fraction), 100)

    return replace(context, progress=Progress(report, lambda: False, context.device))


def _run(context: Context, inputs: Inputs, whole: SceneLayout, show: Show) -> None:
    photo_layout = smaller(whole, *inputs.image.shape[:2])
    photo_depth = depth.run(context, inputs, photo_layout)
    geometry = layers.run(context, inputs, photo_layout, photo_depth)
    single = [np.ones(each.valid.shape, np.uint8) for each in geometry.layers.layers]
    at_rest = unfitted(context, inputs, geometry, single)
    show(put_together(inputs, at_rest.gaussians, None))
    if not at_rest.moves.any():
        return
    views = motion.run(context, inputs, geometry)
    refined = refine.run(context, inputs, geometry, views)
    copies, _ = copies_and_ways(context, inputs, geometry, refined)
    scene = unfitted(context, inputs, geometry, copies)
    animation = animate.run(context, inputs, geometry, scene, refined)
    moved = deform.run(context, inputs, geometry, scene, refined, animation)
    show(put_together(inputs, scene.only(STATIC), moved.moving))


def smaller(whole: SceneLayout, height: int, width: int) -> SceneLayout:
    """Return the layout of the photo's small copy."""
    planes = np.stack([resize(plane, width, height) for plane in whole.probabilities])
    values = ((each.name, getattr(whole, each.name)) for each in fields(whole))
    maps = {name: resize(value, width, height) for name, value in values if np.ndim(value) == 2}
    return replace(
        whole,
        probabilities=(planes / np.maximum(planes.sum(axis=0), 1e-6)).astype(np.float32),
        horizon_row=whole.horizon_row * height / whole.size[0],
        **maps,
    )


def unfitted(
    context: Context, inputs: Inputs, geometry: Geometry, copies: Sequence[NDArray[np.uint8]]
) -> SceneGaussians:
    """Return the Gaussians of the layers as fitting would begin with them.

    ``copies`` is [H, W] of each layer: Gaussians that one becomes which moves there.

    No rasterizer is needed, which takes a while to prepare the first time.
    """
    with context.progress.stage(gaussians.NAME):
        budget = inputs.settings.gaussian_budget
        around = dome(geometry.layers, inputs.path, budget)
        importance = [np.ones(each.valid.shape, np.float32) for each in geometry.layers.layers]
        found, *_ = assemble(
            geometry.layers, importance, copies, budget - len(around), context.progress.step
        )
    found = closed(found)
    kinds = np.where(found.kind == UNDERLAY, STATIC, found.kind).astype(np.uint8)
    beyond = SceneGaussians(around, np.full(len(around), STATIC, np.uint8))
    return SceneGaussians.concatenate(SceneGaussians(found.gaussians, kinds), beyond)


def closed(found: SceneGaussians) -> SceneGaussians:
    """Return Gaussians of which the still ones leave no gaps.

    Fitting would close those, which show as a grid: in linear light, a tenth of a bright sky
    behind dark trees is plain to see.
    """
    still, own = found.kind == STATIC, found.gaussians
    spread, opacity = CLOSED
    growth = np.where(still, np.float32(spread / SHAPES[STATIC][0]), np.float32(1.0))
    opacities = np.where(still, np.float32(opacity), own.opacities)
    shown = replace(own, scales=own.scales * growth[:, None], opacities=opacities)
    return SceneGaussians(shown, found.kind)


def put_together(
    inputs: Inputs, still: Gaussians, moving: MovingField | HexPlaneField | None
) -> LivingScene:
    """Return a scene that says nothing about itself."""
    field = moving or _nothing_moves(inputs)
    meta = description(inputs, len(still), field)
    return LivingScene(still, field, json.dumps(meta.to_dict()), "{}")


def _nothing_moves(inputs: Inputs) -> MovingField:
    return MovingField(
        Gaussians.empty(),
        np.zeros((inputs.settings.deform_terms, 0, 3), np.float32),
        np.zeros((0, 2), np.float32),
        np.zeros((0, 2), np.float32),
        fade_length(inputs.settings.loop_frames),
        inputs.camera.position.astype(np.float32),
    )
