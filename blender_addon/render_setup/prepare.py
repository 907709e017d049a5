"""The render settings that Gaussians need, each changed openly and kept for restoring."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import bpy

from ..splats import build
from . import look
from .clipping import too_short
from .ledger import Change, Ledger
from .sample_count import reason_for_many

KEPT = "livescape_render_before"
"""Custom property of the scene: the ledger of what was changed."""

TRANSPARENT_BOUNCES = 256

BLUR_STEPS = 16
"""Instants that EEVEE averages: measured 46 dB against many, with one step nothing blurs."""

MOTION_STEPS = 3
"""Of Cycles: keys of a motion within the shutter are 2 to this power; baked frames bend it."""

_CYCLES = {
    # below the number of layers, Cycles leaves black opaque pixels
    "cycles.transparent_max_bounces": TRANSPARENT_BOUNCES,
    # below the maximum, Cycles ends paths by chance: noise where there is none to be
    "cycles.min_transparent_bounces": TRANSPARENT_BOUNCES,
}
_CYCLES_ALONE = {
    "cycles.pixel_filter_type": "BOX",
    # the Gaussians are band-limited already: they are sampled at pixel centres
    "cycles.filter_width": 0.01,
    "cycles.samples": 1,
    "cycles.use_adaptive_sampling": False,
    "cycles.use_denoising": False,
}
_EEVEE_ALONE = {"eevee.taa_render_samples": 1}

_CAMERA_ONLY = ("diffuse", "glossy", "transmission", "volume_scatter", "shadow")


def prepare(scene: bpy.types.Scene, *, standard_look: bool = True) -> list[Change]:
    """Change what must be changed and return what was; run twice, it changes nothing more.

    Samples and filter are left alone where something besides still Gaussians is rendered.

    Args:
        scene: The scene.
        standard_look: Whether to choose the view transform *Standard* too.
    """
    ledger = Ledger(scene, KEPT)
    changes = look.use_standard(scene, ledger) if standard_look else []
    is_cycles = scene.render.engine == "CYCLES"
    for owner, path, value in _wanted(scene, is_cycles):
        changes += ledger.change(path, value, owner)
    for item in build.ours(scene):
        changes += _sort(item, not is_cycles)
    return changes


def restore(scene: bpy.types.Scene) -> list[Change]:
    """Put back every value that :func:`prepare` changed, as far as its owner still exists."""
    return Ledger(scene, KEPT).restore()


def _wanted(scene: bpy.types.Scene, is_cycles: bool) -> Iterator[tuple[str, str, Any]]:
    """Yield owner, path and value of every setting that should be so."""
    settings = dict(_CYCLES if is_cycles else {})
    if not reason_for_many(scene):
        settings.update(_CYCLES_ALONE if is_cycles else _EEVEE_ALONE)
    if scene.render.use_motion_blur and not is_cycles:
        settings["eevee.motion_blur_steps"] = max(BLUR_STEPS, scene.eevee.motion_blur_steps)
    for path, value in settings.items():
        yield "", path, value
    for camera, far in too_short(scene).items():
        yield f"cameras/{camera}", "clip_end", far
    for item in build.ours(scene):
        yield from _wanted_of(item, scene.render.use_motion_blur and is_cycles)


def _wanted_of(item: bpy.types.Object, blurred: bool) -> Iterator[tuple[str, str, Any]]:
    for kind in _CAMERA_ONLY:
        yield f"objects/{item.name}", f"visible_{kind}", False
    if blurred:
        yield f"objects/{item.name}", "cycles.use_motion_blur", True
        steps = max(MOTION_STEPS, item.cycles.motion_steps)
        yield f"objects/{item.name}", "cycles.motion_steps", steps
    for material in filter(None, item.data.materials):
        yield f"materials/{material.name}", "surface_render_method", "BLENDED"
        yield f"materials/{material.name}", "cycles.emission_sampling", "NONE"


def _sort(item: bpy.types.Object, wanted: bool) -> list[Change]:
    """Sort the quads for EEVEE alone: a choice of the engine, which nobody needs to restore."""
    before = build.are_faces_sorted(item)
    if before is None or before == wanted:
        return []
    build.sort_faces(item, wanted)
    return [Change("faces sorted", before, wanted, f"objects/{item.name}")]
