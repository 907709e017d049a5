"""The keyframes of a camera, in Blender's layered actions, and scaling them about one frame."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import bpy

from livescape_shared.errors import LivescapeError

TURNS = ("rotation_euler", "rotation_quaternion", "rotation_axis_angle")
POSE = ("location", *TURNS)
LENS = ("lens", "shift_x", "shift_y")


def curves_of(block: Any, names: tuple[str, ...]) -> Iterator[bpy.types.FCurve]:
    """Yield the curves of a data-block that animate one of its properties of these names."""
    for bag in _bags(block):
        for curve in bag.fcurves:
            if curve.data_path in names:
                yield curve


def remove_curves(block: Any, names: tuple[str, ...]) -> int:
    """Remove these curves of a data-block; return how many there were."""
    removed = 0
    for bag in _bags(block):
        for curve in list(bag.fcurves):
            if curve.data_path in names:
                bag.fcurves.remove(curve)
                removed += 1
    return removed


def _bags(block: Any) -> Iterator[Any]:
    """Yield what holds the curves of a data-block."""
    animated = block.animation_data
    if animated is None or animated.action is None or animated.action_slot is None:
        return
    for layer in animated.action.layers:
        for strip in layer.strips:
            bag = strip.channelbag(animated.action_slot)
            if bag is not None:
                yield bag


def shrink(camera: bpy.types.Object, frame: int, factor: float) -> int:
    """Scale the keyframes of a camera, its lens and its parents about a frame.

    Args:
        camera: The camera.
        frame: Where everything stays as it is.
        factor: Of what is left of the move.

    Returns:
        How many curves were scaled.

    Raises:
        LivescapeError: ``move_not_keyed`` if something else than keyframes moves the camera.
    """
    _check_keyed(camera)
    curves = [*curves_of(camera.data, LENS)]
    item: bpy.types.Object | None = camera
    while item is not None:
        curves += curves_of(item, POSE)
        item = item.parent
    if not curves:
        raise _not_keyed(camera, "has no keyframes")
    for curve in curves:
        _scale(curve, curve.evaluate(frame), factor)
    return len(curves)


def _scale(curve: bpy.types.FCurve, about: float, factor: float) -> None:
    for key in curve.keyframe_points:
        for name in ("co", "handle_left", "handle_right"):
            point = getattr(key, name)
            point[1] = about + factor * (point[1] - about)
    curve.update()


def _check_keyed(camera: bpy.types.Object) -> None:
    item: bpy.types.Object | None = camera
    while item is not None:
        if any(not each.mute and each.influence > 0.0 for each in item.constraints):
            raise _not_keyed(camera, f"is moved by a constraint of {item.name}")
        animated = item.animation_data
        if animated is not None and any(curve.data_path in POSE for curve in animated.drivers):
            raise _not_keyed(camera, f"is moved by a driver of {item.name}")
        if animated is not None and any(not track.mute for track in animated.nla_tracks):
            raise _not_keyed(camera, f"is moved by an NLA strip of {item.name}")
        if item.library is not None:
            raise _not_keyed(camera, f"is linked, as {item.name} is, from another file")
        item = item.parent


def _not_keyed(camera: bpy.types.Object, why: str) -> LivescapeError:
    return LivescapeError(
        "move_not_keyed",
        f"The move of {camera.name} cannot be scaled: it {why}.",
        hint="Bake it first: Object > Animation > Bake Action, with Visual Keying and Clear "
        "Constraints.",
    )
