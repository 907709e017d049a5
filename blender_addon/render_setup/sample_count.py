"""How many samples a pixel needs: Gaussians alone need one, whatever else is seen needs more."""

from __future__ import annotations

from typing import Any

import bpy

from ..camera.alone import scene_cameras
from ..splats.object import is_ours

_SEEN = {
    "MESH", "CURVE", "SURFACE", "META", "FONT", "CURVES", "POINTCLOUD", "VOLUME", "GREASEPENCIL",
}  # fmt: skip


def reason_for_many(scene: bpy.types.Scene) -> str:
    """Return why one sample at the pixel's centre does not do, or an empty string."""
    if scene.render.use_motion_blur:
        return "motion blur"
    if any(_is_focused(camera.data) for camera in scene_cameras(scene)):
        return "depth of field"
    if any(is_seen(item) and not is_splat(item) and not item.hide_render for item in scene.objects):
        return "other objects"
    return ""


def _is_focused(camera: Any) -> bool:
    return bool(camera.dof.use_dof)


def is_seen(item: bpy.types.Object) -> bool:
    """Whether an object can show in a render by itself."""
    return item.type in _SEEN or item.instance_type == "COLLECTION"


def is_splat(item: bpy.types.Object) -> bool:
    """Whether an object is one of Gaussians or, in a file of an early version, its hidden child."""
    return is_ours(item) or (is_ours(item.parent) and item.hide_render)
