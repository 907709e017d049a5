"""Drivers in Blender's simple expressions, which play even where Python is not allowed to run."""

from __future__ import annotations

from typing import Any

import bpy

START = "livescape_start"
LOOP = "livescape_loop"
SPEED = "livescape_speed"

REPEATS = "livescape_repeats"

_PASSED = "(frame - start) * speed"
_LOOP_FRAME = (
    f"fmod(fmod({_PASSED}, loop) + loop, loop) if repeats else min(max({_PASSED}, 0), loop)"
)

_ODD_LOOP = f"fabs(fmod(floor({_PASSED} / loop), 2))"

_PROPERTIES = {
    START: "Frame of the scene that shows the photograph",
    LOOP: "Number of frames after which the motion repeats or, if it does not, ends",
    SPEED: "Speed of the motion: 1 is as generated, 2 twice as fast",
    REPEATS: "Whether the motion was made to repeat. If not, it plays once and then stands still",
}


def set_time_properties(
    item: bpy.types.Object, *, start: float, loop: float, repeats: bool, speed: float = 1.0
) -> None:
    """Give the object the custom properties that say when its motion plays."""
    for name, value in ((START, start), (LOOP, loop), (SPEED, speed)):
        item[name] = float(value)
        describe_property(item, name, description=_PROPERTIES[name])
    item[REPEATS] = repeats
    describe_property(item, REPEATS, description=_PROPERTIES[REPEATS])
    describe_property(item, LOOP, min=1.0)


def only_frames(item: bpy.types.Object) -> tuple[float, float] | None:
    """Return the first and last frame in which the object moves; None if it repeats for ever."""
    if bool(item.get(REPEATS, True)) or not item.get(SPEED):
        return None
    start, length = float(item[START]), float(item[LOOP]) / float(item[SPEED])
    return min(start, start + length), max(start, start + length)


def describe_property(item: Any, name: str, **values: Any) -> None:
    """Say what the panel shows of a custom property: ``description``, ``min`` and the like."""
    item.id_properties_ui(name).update(**values)


def drive_loop_frame(item: bpy.types.Object, data_path: str) -> None:
    """Drive ``data_path`` of ``item`` by the frame within the loop, sub-frames included.

    Motion that does not repeat is held at its first frame before and at its last one after.
    """
    _drive_by_time(item, data_path, _LOOP_FRAME)


def drive_odd_loop(item: bpy.types.Object, data_path: str) -> None:
    """Drive ``data_path`` of ``item`` by whether this is a second, fourth, ... loop: 1 or 0."""
    _drive_by_time(item, data_path, _ODD_LOOP)


def _drive_by_time(item: bpy.types.Object, data_path: str, expression: str) -> None:
    driver = _new_driver(item, data_path, expression)
    for name, source in (
        ("start", START), ("loop", LOOP), ("speed", SPEED), ("repeats", REPEATS)
    ):  # fmt: skip
        variable = driver.variables.new()
        variable.name = name
        variable.targets[0].id = item
        variable.targets[0].data_path = f'["{source}"]'


def drive_loop_length(item: bpy.types.Object, data_path: str) -> None:
    """Drive ``data_path`` of ``item`` by its loop length."""
    drive_by_property(item, data_path, LOOP)


def drive_by_property(item: bpy.types.Object, data_path: str, source: str) -> None:
    """Drive ``data_path`` of ``item`` by its custom property ``source``."""
    driver = _new_driver(item, data_path, "value")
    variable = driver.variables.new()
    variable.name = "value"
    variable.targets[0].id = item
    variable.targets[0].data_path = f'["{source}"]'


def drive_image_size(item: bpy.types.Object, data_path: str, axis: str) -> None:
    """Drive ``data_path`` of ``item`` by the rendered size of the active scene in pixels.

    Args:
        item: Owner of the driven property.
        data_path: Where it is.
        axis: ``x`` or ``y``.
    """
    driver = _new_driver(item, data_path, "floor(size * percentage / 100)")
    for name, source in (("size", f"resolution_{axis}"), ("percentage", "resolution_percentage")):
        variable = driver.variables.new()
        variable.name = name
        variable.type = "CONTEXT_PROP"
        variable.targets[0].context_property = "ACTIVE_SCENE"
        variable.targets[0].data_path = f"render.{source}"


def drive_by_scene(owner: Any, data_path: str, source: str, expression: str = "value") -> None:
    """Drive ``data_path`` of ``owner`` by the property ``source`` of the active scene.

    Args:
        owner: Whatever has the driven property.
        data_path: Where it is.
        source: Where the scene has the property.
        expression: Of ``value``, what the scene has.
    """
    driver = add_driver(owner, data_path, expression)
    variable = driver.variables.new()
    variable.name = "value"
    variable.type = "CONTEXT_PROP"
    variable.targets[0].context_property = "ACTIVE_SCENE"
    variable.targets[0].data_path = source


def drive_face_sorting(item: bpy.types.Object, data_path: str) -> None:
    """Drive ``data_path`` of ``item`` by whether the engine draws faces in the order of the mesh.

    Blender counts its own engines first, EEVEE and Workbench, then those of add-ons, as Cycles is.
    """
    item.driver_remove(data_path)
    drive_by_scene(item, data_path, "render.engine", "value < 2")


def _new_driver(item: bpy.types.Object, data_path: str, expression: str) -> Any:
    item.driver_remove(data_path)
    return add_driver(item, data_path, expression)


def add_driver(owner: Any, data_path: str, expression: str) -> Any:
    """Let an expression drive a property of anything that has properties; return the driver."""
    driver = owner.driver_add(data_path).driver
    driver.type = "SCRIPTED"
    driver.expression = expression
    return driver
