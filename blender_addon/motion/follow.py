"""Keeps what is drawn over the photo when lens, render size, photo or frame change."""

from __future__ import annotations

from typing import Any

import bpy
from bpy.app.handlers import persistent

from livescape_shared.errors import LivescapeError

from ..properties import settings_of
from . import canvas, drawn, known, preview
from .reference import changes_by_itself, stage_of

MOST_SEEN = 64

_seen: dict[int, tuple[Any, ...]] = {}


def hang_all(scene: bpy.types.Scene, depsgraph: bpy.types.Depsgraph) -> int:
    """Put all that is drawn in a scene where the photo is seen; return how many were elsewhere.

    Raises:
        LivescapeError: As :func:`stage_of`.
    """
    items = drawn.drawn_objects(scene)
    return drawn.hang_all(items, stage_of(scene, depsgraph)) if items else 0


def _state(scene: bpy.types.Scene) -> tuple[Any, ...] | None:
    """Return all that decides where strokes hang; None where a frame change would be needed."""
    camera: Any = scene.camera
    if camera is None or camera.type != "CAMERA" or changes_by_itself(scene):
        return None
    lens: Any = camera.data
    render, group = scene.render, settings_of(scene)
    return (
        camera.session_uid, tuple(camera.matrix_world.to_scale()), lens.type, lens.lens,
        lens.sensor_fit, lens.sensor_width, lens.sensor_height, lens.shift_x, lens.shift_y,
        lens.clip_start, lens.clip_end, render.resolution_x, render.resolution_y,
        render.resolution_percentage, render.pixel_aspect_x, render.pixel_aspect_y,
        tuple(group.photo_size), group.frame, scene.unit_settings.scale_length,
    )  # fmt: skip


@persistent
def _scene_changed(scene: bpy.types.Scene, depsgraph: bpy.types.Depsgraph) -> None:
    known.changed()
    state = _state(scene)
    if state is None or _seen.get(scene.session_uid) == state:
        return
    if len(_seen) > MOST_SEEN:  # copies of scenes that are long gone
        _seen.clear()
    _seen[scene.session_uid] = state
    try:
        hang_all(scene, depsgraph)
    except LivescapeError:
        return  # said in the panel, and again by what needs the camera


@persistent
def _data_replaced(*_: Any) -> None:
    """After undo, strokes may hang where the lens of another step has put them."""
    _seen.clear()
    known.changed()


@persistent
def _file_is_saved(*_: Any) -> None:
    canvas.keep_paint()


@persistent
def _file_closes(*_: Any) -> None:
    _seen.clear()
    preview.stop()


_HANDLERS = {
    "depsgraph_update_post": _scene_changed,
    "undo_post": _data_replaced,
    "redo_post": _data_replaced,
    "load_post": _data_replaced,
    "load_pre": _file_closes,
    "save_pre": _file_is_saved,
}


def register() -> None:
    """Listen."""
    for name, handler in _HANDLERS.items():
        getattr(bpy.app.handlers, name).append(handler)


def unregister() -> None:
    """Undo :func:`register`."""
    for name, handler in _HANDLERS.items():
        getattr(bpy.app.handlers, name).remove(handler)
    preview.stop()
    _seen.clear()
