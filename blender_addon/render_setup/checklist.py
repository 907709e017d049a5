"""What a render of Gaussians needs in the scene, line by line: how it is, and how it should be."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import bpy

from .. import compat
from ..camera.alone import scene_cameras
from ..splats.object import splat_objects
from . import prepare
from .ledger import Change


@dataclass(frozen=True)
class Line:
    """One line of the checklist.

    Attributes:
        key: What :func:`prepare.prepare` is given to put it right.
        label: What it is about.
        now: Its present value.
        is_right: Whether it is as it should be.
        why: What is wrong with the picture otherwise.
    """

    key: str
    label: str
    now: str
    is_right: bool
    why: str


_LINES = {
    prepare.BOUNCES: ("Transparent Bounces", "Too few flatten what lies behind many layers"),
    prepare.SAMPLING: ("Samples", "Others than these soften Gaussians, or leave meshes rough"),
    prepare.LOOK: ("View Transform", "Any but Standard changes the photo's colours"),
    prepare.CLIPPING: ("Clip End", "Too near a clip end cuts the sky off"),
    prepare.BLUR: ("Motion Blur", "Too few steps bend paths, or do not blur in EEVEE"),
    prepare.OBJECTS: ("Objects", "Otherwise Gaussians light and shadow meshes, or have grain"),
}


def checklist(scene: bpy.types.Scene) -> list[Line]:
    """Return the lines that concern a scene as it is now; none without Gaussians.

    Cheap enough to be asked for whenever a panel is drawn.
    """
    if not splat_objects(scene):
        return []
    concerned, wrong = prepare.groups(scene)
    concerned |= {prepare.LOOK, prepare.SAMPLING}
    return [
        Line(key, label, _now(scene, key), key not in wrong, why)
        for key, (label, why) in _LINES.items()
        if key in concerned
    ]


def missing(scene: bpy.types.Scene) -> list[Line]:
    """Return the lines that are not as they should be."""
    return [line for line in checklist(scene) if not line.is_right]


def put_right(scene: bpy.types.Scene, key: str) -> list[Change]:
    """Put one line right; return what was changed."""
    return prepare.prepare(scene, only=key)


def sentence(lines: list[Line], word: Callable[[str], str] = str) -> str:
    """Return what these lines mean to someone who has just rendered.

    Args:
        lines: What is not as it should be.
        word: Translates a word or a template.
    """
    listed = ", ".join(f"{word(line.label)} ({word(line.now)})" for line in lines)
    return word("not set for Gaussians: {0}").format(listed)


def _now(scene: Any, key: str) -> str:
    cycles: Any = getattr(scene, "cycles", None)
    if key == prepare.BOUNCES:
        return f"{cycles.transparent_max_bounces}, min {cycles.min_transparent_bounces}"
    if key == prepare.SAMPLING:
        if not compat.is_cycles(scene):
            return f"{scene.eevee.taa_render_samples}"
        kind = cycles.pixel_filter_type.replace("_", "-").title()
        return f"{cycles.samples}, {kind} {cycles.filter_width:.3g}"
    if key == prepare.LOOK:
        return str(scene.view_settings.view_transform)
    if key == prepare.CLIPPING:
        return f"{min(_clip_ends(scene), default=0.0):.4g}"
    if key == prepare.BLUR:
        return "on" if scene.render.use_motion_blur else "off"
    return f"{len(splat_objects(scene))}"


def _clip_ends(scene: bpy.types.Scene) -> list[float]:
    return [
        item.data.clip_end
        for item in scene_cameras(scene)
        if isinstance(item.data, bpy.types.Camera)
    ]
