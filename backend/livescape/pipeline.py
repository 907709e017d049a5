"""Photo and camera path to a living scene: the whole way, top to bottom.

photo -> layout, depth -> layers, point cloud -> views -> 3D Gaussians -> 2D motion per view ->
3D-MRM -> looping animation -> 4D Gaussians.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from livescape.context.cache import StageCache, stage_key
from livescape.context.device import compute_device
from livescape.context.progress import Report, Run, peak_memory_mb
from livescape.deform.basis import MovingField
from livescape.deform.carriers import carried, lesson_steps, resolve_carrier
from livescape.deform.fields import sky_grid, surface_grid
from livescape.deform.hexplane_field import HexPlaneField
from livescape.deform.living_scene import LivingScene, result_chunks
from livescape.deform.train import train_moving
from livescape.evaluate.scene import evaluate_scene
from livescape.gaussians.density import DensityControl
from livescape.gaussians.optimise import FitSettings, fit
from livescape.gaussians.visibility import in_frame
from livescape.inpainting.fill import inpainting_identity
from livescape.networks.checkpoints import checkpoint_signature
from livescape.points.assemble import MOVING_SKY, MOVING_SURFACE, STATIC, SceneGaussians, assemble
from livescape.stages.animate import looping_animation, middle_colors, photo_view
from livescape.stages.door import Inputs, depth_signature, read_inputs
from livescape.stages.geometry import Geometry, chosen_views, reconstruct
from livescape.stages.motion import refined_motion
from livescape.views.training import training_views
from livescape_shared.paper import follows_paper, paper_record
from livescape_shared.request import GenerateRequest
from livescape_shared.scene import SceneMeta
from livescape_shared.settings import GenerateSettings

__all__ = ["generate", "result_chunks"]

PATH_VIEWS = 24
"""Frames of the path, at most, that decide what of the scene is ever in frame."""

Float32Array = NDArray[np.float32]


def generate(
    request: GenerateRequest,
    *,
    report: Report,
    cancelled: Callable[[], bool],
    cache_dir: Path,
) -> LivingScene:
    """Make the living scene that ``request`` asks for.

    Args:
        request: Photo, camera path, settings and optional files.
        report: Called with stage, step, total and the fraction done.
        cancelled: Asked between steps.
        cache_dir: Folder of stage results.

    Raises:
        LivescapeError: With the stage in which it happened.
        Cancelled: If ``cancelled`` said so.
    """
    run = Run(report, cancelled)
    cache = StageCache(cache_dir)
    with run.stage("photo"):
        inputs = read_inputs(request)
    networks = checkpoint_signature(request.settings), depth_signature(request)
    painter = inpainting_identity(request.settings.inpainting)
    key = stage_key("scene", request.job_id(), *networks, painter)
    scene, _ = cache.get(key, LivingScene, lambda: _make_scene(request, inputs, run, cache))
    run.finish()
    return scene


def _make_scene(
    request: GenerateRequest, inputs: Inputs, run: Run, cache: StageCache
) -> LivingScene:
    settings = request.settings
    geometry = reconstruct(request, inputs, run, cache)
    fitted = _fit_gaussians(inputs, geometry, settings, run)
    motion = refined_motion(inputs, geometry, settings, run)
    field, training = _deform(inputs, geometry, fitted, motion, settings, run)
    still = fitted.only(STATIC)
    meta = SceneMeta(
        static=len(still),
        moving=len(field.all_copies().copies),
        loop_frames=settings.loop_frames,
        start_frame=request.camera_path.frames[0],
        fps=request.camera_path.fps,
        blend=settings.blend,
    )
    scene = LivingScene(still, field, json.dumps(meta.to_dict()), "{}")
    with run.stage("evaluate"):
        figures = evaluate_scene(scene, inputs.image, geometry.mask, inputs.camera)
    figures |= training | {
        "seconds": run.seconds,
        "gaussians": meta.static + meta.moving,
        "gaussians_moving": meta.moving,
        "peak_memory_mb": peak_memory_mb(),
        "device": compute_device(),
        "working_size": [inputs.camera.width, inputs.camera.height],
        "settings": settings.to_dict(),
    }
    if run.peak_device_memory_mb:
        figures["peak_device_memory_mb"] = run.peak_device_memory_mb
    if follows_paper(settings.to_dict()):
        figures["paper_settings"] = paper_record(settings.to_dict())
    return LivingScene(still, field, scene.meta_json, json.dumps(figures))


def _fit_gaussians(
    inputs: Inputs, geometry: Geometry, settings: GenerateSettings, run: Run
) -> SceneGaussians:
    """Eq. 3: Gaussians on the layers, optimised on the photo and the rendered views."""
    cameras = chosen_views(inputs, geometry, settings, settings.views)
    with run.stage("gaussians"):
        initial = assemble(geometry.layers, settings.gaussian_budget)
        watched = [*cameras, *inputs.path[:: 1 + len(inputs.path) // PATH_VIEWS]]
        initial = initial[in_frame(initial.gaussians, watched) | (initial.kind != STATIC)]
    with run.stage("views"):
        views = training_views(geometry.cloud, inputs.image, cameras)
    with run.stage("optimise"):
        fit_settings = FitSettings(
            iterations=settings.fit_iterations,
            blend=settings.blend,
            seed=settings.seed,
            device=compute_device(),
        )
        density = None
        if settings.density == "adaptive":
            density = DensityControl(
                budget=settings.gaussian_budget,
                groups=initial.kind,
                costs=initial.costs,
                largest_radius=0.5 * max(inputs.camera.width, inputs.camera.height),
            )
        result = fit(initial.gaussians, views, fit_settings, run.step, density=density)
    return SceneGaussians(result.gaussians, initial.kind[result.sources])


def _deform(
    inputs: Inputs,
    geometry: Geometry,
    fitted: SceneGaussians,
    motion: Float32Array,
    settings: GenerateSettings,
    run: Run,
) -> tuple[MovingField | HexPlaneField, dict[str, float]]:
    """Eq. 8: trajectories from the refined motion, trained on the looping animation."""
    with run.stage("deform"):
        device = compute_device()
        carrier = resolve_carrier(settings.deform, device)
        taught = lesson_steps(carrier)
        total = taught + settings.deform_iterations
        grids = {
            MOVING_SURFACE: surface_grid(geometry.layers, geometry.cloud, motion),
            MOVING_SKY: sky_grid(geometry.layers, geometry.cloud, motion),
        }
        field = carried(
            carrier,
            ((fitted.only(kind), grid) for kind, grid in grids.items()),
            loop_frames=settings.loop_frames,
            terms=settings.deform_terms,
            seed=settings.seed,
            device=device,
            progress=lambda step, _: run.step(step, total),
        )
        photo = photo_view(inputs, geometry, motion)
        colors = middle_colors(field.gaussians, photo, settings.loop_frames)
        field = field.with_middle_colors(colors)
        frames = (
            looping_animation(
                inputs, geometry, motion, settings, proceed=lambda: run.step(taught, total)
            )
            if len(field)
            else []
        )
        return train_moving(
            fitted.only(STATIC),
            field,
            frames,
            iterations=settings.deform_iterations,
            bends=carrier != "symmetric",
            blend=settings.blend,
            device=device,
            progress=lambda step, _: run.step(taught + step, total),
        )
