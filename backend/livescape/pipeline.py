"""Photo and camera path to a living scene: the list of stages, top to bottom."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

from livescape.context import Context
from livescape.context.progress import Report
from livescape.deform.deformation_models import resolve_deformation
from livescape.deform.living_scene import ChunkParts, LivingScene, scene_chunks
from livescape.depth.depth_estimators import estimator_identity
from livescape.inpainting.fill import inpainting_identity
from livescape.networks.checkpoints import checkpoints_identity
from livescape.stages import (
    animate,
    deform,
    depth,
    door,
    early,
    evaluate,
    gaussians,
    layers,
    layout,
    motion,
    refine,
    sketch,
    survey,
)
from livescape.stages.early import Show
from livescape.stages.sketch import Sketch, sketch_chunks
from livescape.stages.survey import Survey
from livescape_shared.errors import happening_in
from livescape_shared.request import SCENE, SURVEY, GenerateRequest

__all__ = ["generate", "living_scene", "result_chunks"]

VERSION = 1
"""Of the scene that the stages' results are put together to."""

STAGES = (
    door,
    layout,
    depth,
    layers,
    motion,
    refine,
    gaussians,
    animate,
    deform,
    evaluate,
)
"""In the order in which they run."""


def generate(
    request: GenerateRequest,
    *,
    report: Report,
    cancelled: Callable[[], bool],
    cache_dir: Path,
    show: Show | None = None,
) -> LivingScene | Sketch | Survey:
    """Make what ``request`` asks for - a scene, sketch or survey - with this machine as it is.

    Args:
        request: Photo, camera path, settings and optional files.
        report: Called with stage, step, total and the fraction done.
        cancelled: Asked at least every two seconds.
        cache_dir: Folder of stage results.
        show: Takes scenes that are there earlier, each better than the one before.

    Raises:
        LivescapeError: With the stage in which it happened.
        Cancelled: If ``cancelled`` said so.
    """
    context = Context.make(cache_dir=cache_dir, report=report, cancelled=cancelled)
    if request.purpose == SURVEY:
        return survey.run(context, request)
    if request.purpose != SCENE:
        return sketch.run(context, door.run(context, request), request.purpose)
    return living_scene(context, request, show)


def result_chunks(result: LivingScene | Sketch | Survey) -> Iterator[ChunkParts]:
    """Yield (kind, index, meta, arrays) of every chunk that is sent to Blender, in order."""
    if isinstance(result, Survey):
        return survey.chunks(result)
    return sketch_chunks(result) if isinstance(result, Sketch) else scene_chunks(result)


def living_scene(
    context: Context, request: GenerateRequest, show: Show | None = None
) -> LivingScene:
    """Make the living scene that ``request`` asks for; see :func:`generate`."""
    inputs = door.run(context, request)
    scene = context.cached(
        "scene",
        VERSION,
        LivingScene,
        lambda: run_stages(context, inputs, show),
        inputs.identity,
        [stage.VERSION for stage in STAGES],
        *resolved_choices(context, inputs),
    )
    context.progress.finish()
    return scene


def run_stages(context: Context, inputs: door.Inputs, show: Show | None = None) -> LivingScene:
    """Photo -> layout, depth -> layers -> 2D motion -> 3D-MRM -> 3D Gaussians -> 4D Gaussians."""
    if show is not None:
        early.run(context, inputs, show)
    photo_layout = layout.run(context, inputs)
    photo_depth = depth.run(context, inputs, photo_layout)
    geometry = layers.run(context, inputs, photo_layout, photo_depth)
    views = motion.run(context, inputs, geometry)
    refined = refine.run(context, inputs, geometry, views)
    fitted = gaussians.run(context, inputs, geometry, refined)
    animation = animate.run(context, inputs, geometry, fitted, refined)
    if show is not None:
        early.show_fitted(context, inputs, geometry, fitted, refined, animation, show)
    moving = deform.run(context, inputs, geometry, fitted, refined, animation)
    return evaluate.run(context, inputs, geometry, fitted, moving)


def resolved_choices(context: Context, inputs: door.Inputs) -> list[str]:
    """Return what the settings stand for on this machine: models, checkpoints, what auto means.

    Raises:
        LivescapeError: ``model_missing``, ``checkpoint_missing`` and the like.
    """
    settings = inputs.settings
    with happening_in(depth.NAME):
        estimator = estimator_identity(context, depth.chosen_estimator(inputs))
    with happening_in(layers.NAME):
        inpainting = inpainting_identity(context, settings.inpainting)
    with happening_in(motion.NAME):
        checkpoints = checkpoints_identity(context, settings)
    model = resolve_deformation(settings.deform)
    return [estimator, inpainting, model, *checkpoints]
