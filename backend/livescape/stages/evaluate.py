"""The finished scene and the figures that it reports about itself."""

from __future__ import annotations

import json
from typing import Any

from livescape.context import Context
from livescape.context.progress import peak_memory_mb
from livescape.deform.basis import MovingField
from livescape.deform.hexplane_field import HexPlaneField
from livescape.deform.highlights import lit
from livescape.deform.living_scene import LivingScene
from livescape.evaluate.coverage import coverage
from livescape.evaluate.scene import evaluate_scene
from livescape.motion.remarks import motion_remarks
from livescape.points.assemble import STATIC, SceneGaussians
from livescape.stages.deform import MovingScene
from livescape.stages.door import Inputs
from livescape.stages.layers import Geometry
from livescape_shared.paper import follows_paper, paper_record
from livescape_shared.scene import SceneMeta

NAME = "evaluate"
VERSION = 3

HINTED = ("auto", "hints", "network")
"""Motion estimators that listen to hints."""


def run(
    context: Context,
    inputs: Inputs,
    geometry: Geometry,
    fitted: SceneGaussians,
    deformed: MovingScene,
) -> LivingScene:
    """Return the living scene with its report."""
    still, moving = fitted.only(STATIC), deformed.moving
    meta = description(inputs, len(still), moving)
    with context.progress.stage(NAME):
        if inputs.highlights is not None:
            still, moving = lit(
                still,
                moving,
                inputs.image,
                inputs.highlights,
                inputs.camera,
                inputs.settings.blend,
                device=context.device,
                progress=context.progress.step,
            )
        scene = LivingScene(still, moving, json.dumps(meta.to_dict()), "{}")
        figures = evaluate_scene(
            scene,
            inputs.image,
            geometry.mask,
            inputs.camera,
            device=context.device,
            progress=context.progress.step,
        )
        figures |= coverage(
            scene,
            geometry.cloud,
            inputs.path,
            inputs.start_frame,
            device=context.device,
            progress=context.progress.step,
        )
    figures |= deformed.figures | _of_the_run(context, inputs, meta)
    remarks = _remarks(inputs, geometry)
    if remarks:
        figures["remarks"] = remarks
    return LivingScene(still, moving, scene.meta_json, json.dumps(figures))


def description(inputs: Inputs, still: int, moving: MovingField | HexPlaneField) -> SceneMeta:
    """Return the description of a scene with so many Gaussians that stand."""
    return SceneMeta(
        static=still,
        moving=len(moving.all_copies().windows),
        loop_frames=inputs.settings.loop_frames,
        loop=inputs.settings.loop == "on",
        fade=moving.fade,
        start_frame=inputs.start_frame,
        fps=inputs.fps,
        blend=inputs.settings.blend,
        deforms=moving.deforms,
    )


def _remarks(inputs: Inputs, geometry: Geometry) -> list[str]:
    """Return what there is to say about what was given."""
    remarks = list(inputs.remarks) + ([geometry.clip_remark] if geometry.clip_remark else [])
    if inputs.settings.motion == "none":
        return remarks
    hinted = inputs.settings.motion in HINTED and inputs.flow is None
    drawn = inputs.annotation if hinted else None
    return remarks + motion_remarks(drawn, geometry.mask, geometry.depth)


def _of_the_run(context: Context, inputs: Inputs, meta: SceneMeta) -> dict[str, Any]:
    """Return what the run cost and which choices it was made with."""
    settings = inputs.settings.to_dict()
    figures: dict[str, Any] = {
        "seconds": context.progress.seconds,
        "gaussians": meta.static + meta.moving,
        "gaussians_moving": meta.moving,
        "peak_memory_mb": peak_memory_mb(),
        "device": context.device,
        "working_size": [inputs.camera.width, inputs.camera.height],
        "settings": settings,
    }
    if context.progress.peak_device_memory_mb:
        figures["peak_device_memory_mb"] = context.progress.peak_device_memory_mb
    if follows_paper(settings):
        figures["paper_settings"] = paper_record(settings)
    return figures
