"""The render settings that Gaussians need, each changed openly and kept for restoring."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from typing import Any

import bpy

from ..splats import build

KEPT = "livescape_render_before"
"""Custom property of the scene: JSON of the values before the change."""

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
    """One setting that was changed."""

    path: str
    before: Any
    after: Any

    def __str__(self) -> str:
        """Return the change as one phrase."""
        return f"{self.path}: {self.before} to {self.after}"


def _wanted(scene: bpy.types.Scene) -> dict[str, Any]:
    engine = _CYCLES if scene.render.engine == "CYCLES" else {}
    return {**_COLOR, **engine}


def prepare(scene: bpy.types.Scene) -> list[Change]:
    """Change what must be changed and return what was; run twice, it changes nothing more."""
    changes = []
    for path, after in _wanted(scene).items():
        owner_path, _, name = path.rpartition(".")
        owner = scene.path_resolve(owner_path)
        before = getattr(owner, name)
        if not _equal(before, after):
            setattr(owner, name, after)
            changes.append(Change(path, before, after))
    kept = json.loads(scene.get(KEPT, "{}"))
    for change in changes:
        kept.setdefault(change.path, change.before)
    if kept:
        scene[KEPT] = json.dumps(kept)
    for item in scene.objects:
        if build.MARK in item:
            build.sort_faces(item, scene.render.engine != "CYCLES")
    return changes


def restore(scene: bpy.types.Scene) -> list[Change]:
    """Put back every value that :func:`prepare` changed."""
    changes = []
    for path, before in json.loads(scene.get(KEPT, "{}")).items():
        owner_path, _, name = path.rpartition(".")
        owner = scene.path_resolve(owner_path)
        changes.append(Change(path, getattr(owner, name), before))
        setattr(owner, name, before)
    if KEPT in scene:
        del scene[KEPT]
    return changes


def _equal(before: Any, after: Any) -> bool:
    if isinstance(after, float):
        return math.isclose(before, after, abs_tol=1e-6)
    return bool(before == after)
