"""The render settings that Gaussians need, each changed openly and kept for restoring."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import bpy

from .. import compat
from ..splats.object import SplatObject, splat_objects
from . import look
from .clipping import MARGIN, reaches
from .ledger import Change, Ledger, Owner
from .sample_count import reason_for_many

KEPT = "livescape_render_before"
"""Custom property of what was changed: the ledger of this purpose."""

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

    Samples and filter are left alone where something besides still Gaussians is rendered. What an
    earlier run changed and this one would not, because the scene is another now, is put back.

    Args:
        scene: The scene.
        standard_look: Whether to choose the view transform *Standard* too.
    """
    ledger = Ledger(scene, KEPT)
    is_cycles = compat.is_cycles(scene)
    wanted = {(owner, path): value for owner, path, value in _wanted(scene, ledger, is_cycles)}
    other_engine = "eevee." if is_cycles else "cycles."

    def is_stale(owner: Owner, path: str) -> bool:
        is_kept = path in look.STANDARD or path.startswith(other_engine)
        return not is_kept and (owner, path) not in wanted

    changes = ledger.restore(is_stale)
    if standard_look:
        changes += look.use_standard(scene, ledger)
    for (owner, path), value in wanted.items():
        changes += ledger.change(path, value, owner)
    for played in _local_objects(scene):
        changes += _sort(played, not is_cycles)
    return changes


def restore(scene: bpy.types.Scene) -> list[Change]:
    """Put back every value that :func:`prepare` changed and the artist has not changed since."""
    return Ledger(scene, KEPT).restore()


def _wanted(
    scene: bpy.types.Scene, ledger: Ledger, is_cycles: bool
) -> Iterator[tuple[Owner, str, Any]]:
    """Yield owner, path and value of every setting that should be so."""
    settings: dict[str, Any] = dict(_CYCLES if is_cycles else {})
    if not reason_for_many(scene):
        settings.update(_CYCLES_ALONE if is_cycles else _EEVEE_ALONE)
    if scene.render.use_motion_blur and not is_cycles:
        steps = ledger.before("eevee.motion_blur_steps")
        settings["eevee.motion_blur_steps"] = max(BLUR_STEPS, steps)
    for path, value in settings.items():
        yield scene, path, value
    for camera, reach in reaches(scene).items():
        if reach > ledger.before("clip_end", camera):
            yield camera, "clip_end", reach * MARGIN
    for played in _local_objects(scene):
        yield from _wanted_of(played, ledger, scene.render.use_motion_blur and is_cycles)


def _wanted_of(
    played: SplatObject, ledger: Ledger, blurred: bool
) -> Iterator[tuple[Owner, str, Any]]:
    item = played.item
    for kind in _CAMERA_ONLY:
        yield item, f"visible_{kind}", False
    if blurred:
        yield item, "cycles.use_motion_blur", True
        steps = ledger.before("cycles.motion_steps", item)
        yield item, "cycles.motion_steps", max(MOTION_STEPS, steps)
    # Renders draw with this material alone; the viewport's must stay as it is.
    material = played.material
    if material is not None:
        yield material, "surface_render_method", "BLENDED"
        yield material, "cycles.emission_sampling", "NONE"


def _local_objects(scene: bpy.types.Scene) -> list[SplatObject]:
    return [each for each in splat_objects(scene) if not each.is_linked]


def _sort(played: SplatObject, wanted: bool) -> list[Change]:
    """Sort the quads for EEVEE alone: a choice of the engine, which nobody needs to restore."""
    before = played.are_faces_sorted
    if before is None or before == wanted:
        return []
    played.sort_faces(wanted)
    return [Change("faces sorted", before, wanted, played.item.name)]
