"""The render settings that Gaussians need, each changed openly and kept for restoring."""

from __future__ import annotations

import json
import math
from dataclasses import asdict, dataclass
from typing import Any

import bpy

from ..splats import build
from .clipping import too_short

KEPT = "livescape_render_before"
"""Custom property of the scene: JSON of the changes that were made."""

TRANSPARENT_BOUNCES = 256

_COLOR = {
    "view_settings.view_transform": "Standard",
    "view_settings.look": "None",
    "view_settings.exposure": 0.0,
    "view_settings.gamma": 1.0,
}
_CYCLES = {
    # below the number of layers, Cycles leaves black opaque pixels
    "cycles.transparent_max_bounces": TRANSPARENT_BOUNCES,
    # below the maximum, Cycles ends paths by chance: noise where there is none to be
    "cycles.min_transparent_bounces": TRANSPARENT_BOUNCES,
    "cycles.pixel_filter_type": "BOX",
    # the Gaussians are band-limited already: they are sampled at pixel centres
    "cycles.filter_width": 0.01,
    "cycles.samples": 1,
    "cycles.use_adaptive_sampling": False,
    "cycles.use_denoising": False,
}


@dataclass(frozen=True)
class Change:
    """One setting that was changed.

    Attributes:
        path: Where it is, from its owner.
        before: Its value before.
        after: Its value now.
        camera: Name of the camera data that owns it; empty for the scene.
    """

    path: str
    before: Any
    after: Any
    camera: str = ""

    def __str__(self) -> str:
        """Return the change as one phrase."""
        owner = f"{self.camera} " if self.camera else ""
        return f"{owner}{self.path}: {self.before} to {self.after}"


def prepare(scene: bpy.types.Scene) -> list[Change]:
    """Change what must be changed and return what was; run twice, it changes nothing more."""
    engine = _CYCLES if scene.render.engine == "CYCLES" else {}
    wanted = [("", path, after) for path, after in {**_COLOR, **engine}.items()]
    wanted += [(camera, "clip_end", far) for camera, far in too_short(scene).items()]
    changes = []
    for camera, path, after in wanted:
        before = _get(scene, camera, path)
        if not _equal(before, after):
            _set(scene, camera, path, after)
            changes.append(Change(path, before, after, camera))
    _keep(scene, changes)
    for item in scene.objects:
        if build.MARK in item:
            build.sort_faces(item, scene.render.engine != "CYCLES")
    return changes


def restore(scene: bpy.types.Scene) -> list[Change]:
    """Put back every value that :func:`prepare` changed, as far as its owner still exists."""
    changes = []
    for kept in _kept(scene):
        if kept.camera and kept.camera not in bpy.data.cameras:
            continue
        now = _get(scene, kept.camera, kept.path)
        _set(scene, kept.camera, kept.path, kept.before)
        changes.append(Change(kept.path, now, kept.before, kept.camera))
    if KEPT in scene:
        del scene[KEPT]
    return changes


def _kept(scene: bpy.types.Scene) -> list[Change]:
    return [Change(**values) for values in json.loads(scene.get(KEPT, "[]"))]


def _keep(scene: bpy.types.Scene, changes: list[Change]) -> None:
    """Remember the changes; of two of one setting the first, which knows the artist's value."""
    kept = _kept(scene)
    known = {(change.camera, change.path) for change in kept}
    kept += [change for change in changes if (change.camera, change.path) not in known]
    if kept:
        scene[KEPT] = json.dumps([asdict(change) for change in kept])


def _owner(scene: bpy.types.Scene, camera: str, path: str) -> tuple[Any, str]:
    block = bpy.data.cameras[camera] if camera else scene
    owner_path, _, name = path.rpartition(".")
    return (block.path_resolve(owner_path) if owner_path else block), name


def _get(scene: bpy.types.Scene, camera: str, path: str) -> Any:
    return getattr(*_owner(scene, camera, path))


def _set(scene: bpy.types.Scene, camera: str, path: str, value: Any) -> None:
    setattr(*_owner(scene, camera, path), value)


def _equal(before: Any, after: Any) -> bool:
    if isinstance(after, float):
        return math.isclose(before, after, rel_tol=1e-6, abs_tol=1e-6)
    return bool(before == after)
