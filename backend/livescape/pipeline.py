"""Photo and camera path to a living scene: the whole way, top to bottom.

photo -> layout, depth -> layers, point cloud -> views -> 3D Gaussians -> 2D motion per view ->
3D-MRM -> looping animation -> 4D Gaussians. Baking for Blender is :mod:`livescape.living_scene`.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from livescape.cache import StageCache, stage_key
from livescape.deform.basis import MovingField
from livescape.deform.carriers import carried, lesson_steps, resolve_carrier
from livescape.deform.fields import sky_grid, surface_grid
from livescape.deform.hexplane_field import HexPlaneField
from livescape.deform.train import AnimationFrame, train_moving
from livescape.depth.types import DepthEstimate
from livescape.device import compute_device
from livescape.evaluate.scene import evaluate_scene
from livescape.gaussians.optimise import FitSettings, fit
from livescape.inputs import Inputs, find_depth, motion_mask, read_inputs
from livescape.layout.estimate import estimate_layout
from livescape.layout.types import SceneLayout
from livescape.living_scene import LivingScene, result_chunks
from livescape.motion.animate import animate
from livescape.motion.networks.configured import checkpoint_signature
from livescape.motion.per_view import PhotoMotionInputs, motion_views
from livescape.motion.refine import fill_unsupported, refine_motion
from livescape.points.assemble import MOVING_SKY, MOVING_SURFACE, STATIC, SceneGaussians, assemble
from livescape.points.cloud import PointCloud, point_cloud
from livescape.points.layers import LayeredPhoto, build_layers
from livescape.points.skyline import reclaim_thin_structures
from livescape.points.surfels import surface_normals
from livescape.run import Report, Run, peak_memory_mb
from livescape.views.choose import choose_views
from livescape.views.projection import project_points
from livescape.views.training import training_views
from livescape_shared.camera import Camera
from livescape_shared.request import GenerateRequest
from livescape_shared.scene import SceneMeta
from livescape_shared.settings import GenerateSettings

__all__ = ["generate", "result_chunks"]

Float32Array = NDArray[np.float32]

MOTION_VIEWS = 5
"""Views along the path whose 2D motion is refined into one 3D motion."""

ANIMATION_FRAMES = 12
"""Frames of the looping animation that the 4D Gaussians are trained on."""


@dataclass(frozen=True)
class Geometry:
    """The photo in three dimensions, not yet Gaussians."""

    layout: SceneLayout
    depth: DepthEstimate
    mask: Float32Array
    layers: LayeredPhoto
    cloud: PointCloud


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
    key = stage_key("scene", request.job_id(), checkpoint_signature(request.settings.motion))
    scene, _ = cache.get(key, LivingScene, lambda: _make_scene(request, inputs, run, cache))
    run.finish()
    return scene


def _make_scene(
    request: GenerateRequest, inputs: Inputs, run: Run, cache: StageCache
) -> LivingScene:
    settings = request.settings
    geometry = _reconstruct(request, inputs, run, cache)
    fitted = _fit_gaussians(inputs, geometry, settings, run)
    motion = _refine_motion(inputs, geometry, settings, run)
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
    return LivingScene(still, field, scene.meta_json, json.dumps(figures))


def _reconstruct(request: GenerateRequest, inputs: Inputs, run: Run, cache: StageCache) -> Geometry:
    """Eq. 1-2: layout and depth, then layers and one point per pixel."""
    with run.stage("layout"):
        key = stage_key("layout", inputs.image)
        layout, _ = cache.get(key, SceneLayout, lambda: estimate_layout(inputs.image))
    with run.stage("depth"):
        key = stage_key(
            "depth", inputs.image, request.depth, inputs.camera.K, request.settings.depth
        )
        depth, _ = cache.get(key, DepthEstimate, lambda: find_depth(request, inputs, layout))
    with run.stage("layers"):
        surface, sky = reclaim_thin_structures(inputs.image, depth.depth, depth.sky)
        mask = motion_mask(inputs, layout, request.settings.motion)
        mask = np.where(depth.sky & ~sky, 0.0, mask).astype(np.float32)
        depth = replace(depth, depth=surface, sky=sky)
        layers = build_layers(inputs.image, surface, sky, mask, inputs.camera, inputs.path)
        cloud = point_cloud(layers)
    return Geometry(layout, depth, mask, layers, cloud)


def _fit_gaussians(
    inputs: Inputs, geometry: Geometry, settings: GenerateSettings, run: Run
) -> SceneGaussians:
    """Eq. 3: Gaussians on the layers, optimised on the photo and the rendered views."""
    with run.stage("gaussians"):
        initial = assemble(geometry.layers, settings.gaussian_budget)
    with run.stage("views"):
        cameras = _views(inputs, geometry, settings, settings.views)
        views = training_views(geometry.cloud, inputs.image, cameras)
    with run.stage("optimise"):
        fit_settings = FitSettings(
            iterations=settings.fit_iterations,
            blend=settings.blend,
            seed=settings.seed,
            device=compute_device(),
        )
        result = fit(initial.gaussians, views, fit_settings, run.step)
    return SceneGaussians(result.gaussians, initial.kind)


def _views(
    inputs: Inputs, geometry: Geometry, settings: GenerateSettings, most_on_path: int
) -> list[Camera]:
    return choose_views(
        inputs.camera, inputs.path, geometry.depth, geometry.cloud, settings, most_on_path
    )


def _refine_motion(
    inputs: Inputs, geometry: Geometry, settings: GenerateSettings, run: Run
) -> Float32Array:
    """Eq. 6-7: 2D motion in several views, then one 3D motion [N, 3] for every cloud point."""
    cloud = geometry.cloud
    motion = np.zeros_like(cloud.points)
    wanted = np.flatnonzero(cloud.seen & (cloud.moving > 0))
    if not len(wanted):
        return motion
    points = cloud.points[wanted]
    with run.stage("motion"):
        cameras = _views(inputs, geometry, settings, MOTION_VIEWS)
        photo = PhotoMotionInputs(
            image=inputs.image,
            mask=geometry.mask,
            sky=geometry.layout.sky,
            water=geometry.layout.water,
            depth=geometry.depth.depth,
            horizon_row=geometry.depth.horizon_row,
            method=settings.motion,
            annotation=inputs.annotation,
            flow=inputs.flow,
        )
        views = motion_views(photo, cloud, _attributes(geometry), points, cameras)
    with run.stage("refine"):
        normals = surface_normals(geometry.layers)[wanted]
        refined = refine_motion(
            points, views, normals=normals, solver=settings.solver, device=compute_device()
        )
        filled = fill_unsupported(refined.motion, refined.support, points)
    motion[wanted] = filled * np.float32(settings.speed)
    return motion


def _attributes(geometry: Geometry) -> Float32Array:
    """Return [N, 6]: colour, motion mask, sky and water of every cloud point."""
    cloud, margin = geometry.cloud, geometry.layers.margin
    columns, rows = cloud.pixels.T
    water = np.pad(geometry.layout.water, margin, mode="edge")[rows, columns]
    planes = [cloud.moving, cloud.sky.astype(np.float32), np.where(cloud.sky, 0.0, water)]
    return np.column_stack([cloud.colors, *planes]).astype(np.float32)


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
        frames = _animation(inputs, geometry, motion, settings) if len(field) else []
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


def _animation(
    inputs: Inputs, geometry: Geometry, motion: Float32Array, settings: GenerateSettings
) -> list[AnimationFrame]:
    """Return frames of the reference view's loop, carried by the refined motion."""
    flow = refined_flow(geometry.cloud, motion, inputs.camera, geometry.layers.margin)
    loop, mask, camera = settings.loop_frames, geometry.mask, inputs.camera
    numbers = np.unique(np.linspace(0, loop, ANIMATION_FRAMES + 2)[:-1].astype(int))
    images = animate(inputs.image, flow, mask, numbers.tolist(), loop)
    return [
        AnimationFrame(number / loop, image, mask, camera)
        for number, image in zip(numbers.tolist(), images, strict=True)
    ]


def refined_flow(
    cloud: PointCloud, motion: Float32Array, camera: Camera, margin: int
) -> Float32Array:
    """Return the refined motion as flow [H, W, 2] of the photo."""
    flow = np.zeros((camera.height, camera.width, 2), dtype=np.float32)
    shown = np.flatnonzero(cloud.seen & np.any(motion != 0.0, axis=1))
    before, _ = project_points(cloud.points[shown], camera)
    after, _ = project_points(cloud.points[shown] + motion[shown], camera)
    columns, rows = (cloud.pixels[shown] - margin).T
    flow[rows, columns] = after - before
    return flow
