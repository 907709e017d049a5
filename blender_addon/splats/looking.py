"""Whether the viewports look through the active camera, which their own drawing tells.

Nodes cannot know it, so objects have a property for it, which their nodes are driven by. Drawing
may change nothing: where the answer has changed, a timer that runs once sets the property.
"""

from __future__ import annotations

from typing import Any

import bpy

from .object import splat_objects
from .viewport import THROUGH

_known: dict[int, bool] = {}
"""By the scene's number in this session what its objects have been told."""

_handle: list[Any] = []


def looks_through_camera(scene: bpy.types.Scene) -> bool:
    """Whether every viewport that shows a scene looks through its active camera."""
    manager: Any = bpy.context.window_manager
    views = [
        area.spaces.active
        for window in manager.windows
        if window.scene == scene
        for area in window.screen.areas
        if area.type == "VIEW_3D"
    ]
    return bool(views) and all(_is_through(space, scene) for space in views)


def _is_through(space: Any, scene: bpy.types.Scene) -> bool:
    """Whether a viewport, and no second view of it, looks through the active camera."""
    if space.region_quadviews or space.region_3d.view_perspective != "CAMERA":
        return False
    return not space.use_local_camera or space.camera == scene.camera


def tell(scene: bpy.types.Scene) -> bool:
    """Tell the objects of a scene how its viewports look; return whether they do by the camera."""
    through = looks_through_camera(scene)
    _known[scene.session_uid] = through
    for each in splat_objects(scene):
        item: Any = each.item
        if not each.is_linked and item.get(THROUGH) not in (None, int(through)):
            item[THROUGH] = int(through)
            item.update_tag()
    return through


def forget() -> None:
    """Look again: a step of undo or another file has changed what objects know."""
    _known.clear()


def watch() -> None:
    """Look whenever a viewport is drawn."""
    draw: Any = bpy.types.SpaceView3D.draw_handler_add
    _handle.append(draw(_drawn, (), "WINDOW", "PRE_VIEW"))


def stop() -> None:
    """Undo :func:`watch`."""
    while _handle:
        bpy.types.SpaceView3D.draw_handler_remove(_handle.pop(), "WINDOW")
    if bpy.app.timers.is_registered(_later):
        bpy.app.timers.unregister(_later)


def _drawn() -> None:
    scene = bpy.context.scene
    if scene is None or bpy.app.timers.is_registered(_later):
        return
    if _known.get(scene.session_uid) != looks_through_camera(scene):
        bpy.app.timers.register(_later, first_interval=0.0)


def _later() -> None:
    manager: Any = bpy.context.window_manager
    for scene in {window.scene for window in manager.windows}:
        tell(scene)
