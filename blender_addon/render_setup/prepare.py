"""The render settings that Gaussians need, each changed openly and kept for restoring."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import bpy

from .. import compat
from ..splats.object import SplatObject, splat_objects
from . import look
from .clipping import MARGIN, Reaches, known_reaches, reaches
from .ledger import Change, Ledger, Owner, is_foreign, is_so
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


BOUNCES, SAMPLING, LOOK = "bounces", "sampling", "look"
CLIPPING, BLUR, OBJECTS = "clipping", "blur", "objects"
"""Groups of settings, as a checklist shows them."""

_BLUR_PATHS = {"eevee.motion_blur_steps", "cycles.use_motion_blur", "cycles.motion_steps"}


def group_of(path: str) -> str:
    """Return to which group the setting at a path belongs."""
    if path in look.STANDARD:
        return LOOK
    if path in _CYCLES:
        return BOUNCES
    if path in _CYCLES_ALONE or path in _EEVEE_ALONE:
        return SAMPLING
    if path in _BLUR_PATHS:
        return BLUR
    return CLIPPING if path == "clip_end" else OBJECTS


def prepare(scene: bpy.types.Scene, *, standard_look: bool = True, only: str = "") -> list[Change]:
    """Change what must be changed and return what was; run twice, it changes nothing more.

    Samples and filter are left alone where something besides still Gaussians is rendered. What an
    earlier run changed and this one would not, because the scene is another now, is put back.

    Args:
        scene: The scene.
        standard_look: Whether to choose the view transform *Standard* too.
        only: The one group of settings that is changed; all if empty.
    """
    ledger = Ledger(scene, KEPT)
    ledger.adopt_early_form()
    wanted = _by_place(scene, ledger)

    def is_concerned(path: str) -> bool:
        return not only or group_of(path) == only

    changes = ledger.restore(
        lambda owner, path: is_concerned(path) and _is_stale(scene, wanted, owner, path)
    )
    if standard_look and only in ("", LOOK):
        changes += look.use_standard(scene, ledger)
    for (owner, path), value in wanted.items():
        if is_concerned(path):
            changes += ledger.change(path, value, owner)
    for played in _local_objects(scene) if only in ("", OBJECTS) else ():
        changes += _sort(played, not compat.is_cycles(scene))
    return changes


def differences(scene: bpy.types.Scene) -> list[tuple[Owner, str]]:
    """Return owner and path of every setting that is not as it should be; changes nothing."""
    ledger = Ledger(scene, KEPT)
    return _differences(scene, ledger, _by_place(scene, ledger, known_reaches))


def groups(scene: bpy.types.Scene) -> tuple[set[str], set[str]]:
    """Return the groups of settings that concern the scene as it is now, and the wrong ones."""
    ledger = Ledger(scene, KEPT)
    wanted = _by_place(scene, ledger, known_reaches)
    wrong = {group_of(path) for _, path in _differences(scene, ledger, wanted)}
    return {group_of(path) for _, path in wanted} | wrong | {CLIPPING}, wrong


def _differences(
    scene: bpy.types.Scene, ledger: Ledger, wanted: dict[tuple[Owner, str], Any]
) -> list[tuple[Owner, str]]:
    places: list[tuple[Owner, str]] = [
        (scene, path) for path, value in look.STANDARD.items() if not is_so(scene, path, value)
    ]
    places += [
        (owner, path) for (owner, path), value in wanted.items() if not is_so(owner, path, value)
    ]
    return places + [
        (owner, path) for owner, path in ledger.changed() if _is_stale(scene, wanted, owner, path)
    ]


def out_of_reach(scene: bpy.types.Scene) -> list[str]:
    """Return a sentence for each data-block of another file that is not as it should be."""
    found: dict[str, None] = {}
    for owner, path in differences(scene):
        if not (isinstance(owner, bpy.types.ID) and is_foreign(owner)):
            continue
        how = "is linked from another file. Change it there, or make it local."
        if owner.library is None:
            how = "overrides one of another file. Change it by hand."
        what = path.rpartition(".")[2].replace("_", " ").title()
        found[f"{what} of {owner.name} stays as it is: it {how}"] = None
    return list(found)


def _by_place(
    scene: bpy.types.Scene, ledger: Ledger, reaches_of: Reaches = reaches
) -> dict[tuple[Owner, str], Any]:
    is_cycles = compat.is_cycles(scene)
    return {
        (owner, path): value for owner, path, value in _wanted(scene, ledger, is_cycles, reaches_of)
    }


def _is_stale(
    scene: bpy.types.Scene, wanted: dict[tuple[Owner, str], Any], owner: Owner, path: str
) -> bool:
    """Whether an earlier run changed what the scene, as it is now, does not need."""
    other_engine = "eevee." if compat.is_cycles(scene) else "cycles."
    is_kept = path in look.STANDARD or path.startswith(other_engine)
    return not is_kept and (owner, path) not in wanted


def restore(scene: bpy.types.Scene) -> list[Change]:
    """Put back every value that :func:`prepare` changed and the artist has not changed since."""
    return Ledger(scene, KEPT).restore()


def _wanted(
    scene: bpy.types.Scene, ledger: Ledger, is_cycles: bool, reaches_of: Reaches
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
    for camera, reach in reaches_of(scene).items():
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
    if before is None or before == wanted or played.sorts_by_itself:
        return []
    played.sort_faces(wanted)
    return [Change("faces sorted", before, wanted, played.item.name)]
