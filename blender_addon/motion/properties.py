"""What a stroke says, kept on its object, and what is set for all of them, kept on the scene."""

# mypy: disable-error-code="valid-type"
# Blender reads property definitions from annotations, which a type checker takes for types.

from __future__ import annotations

from typing import Any

import bpy

from ..translations import use_context

NONE, FLOW, MOVES, STANDS = "NONE", "FLOW", "MOVES", "STANDS"
KINDS = [
    (FLOW, "Arrow", "What is under it flows along it", "FORCE_WIND", 1),
    (MOVES, "Moving Region", "What it encloses moves", "MOD_OCEAN", 2),
    (STANDS, "Standing Region", "What it encloses stands still, whatever else says", "PINNED", 3),
]
"""What a stroke can be."""

DEFAULT_SPEED = 5.0


def _object_chosen(group: DrawnMotion, context: Any) -> None:
    """Select the object of the stroke that was chosen in the list."""
    scene: Any = group.id_data
    items = scene.objects
    if not 0 <= group.active < len(items) or context.mode != "OBJECT":
        return
    chosen = items[group.active]
    if chosen.name not in context.view_layer.objects:
        return
    for item in context.selected_objects:
        item.select_set(False)
    chosen.select_set(True)
    context.view_layer.objects.active = chosen


def _kind_chosen(group: StrokeSettings, context: Any) -> None:
    """Close what encloses something, and open what leads somewhere."""
    curve: Any = getattr(group.id_data, "data", None)
    for spline in getattr(curve, "splines", ()) if group.kind != NONE else ():
        spline.use_cyclic_u = group.kind != FLOW


class StrokeSettings(bpy.types.PropertyGroup):
    """What an object says about motion; of most objects nothing."""

    kind: bpy.props.EnumProperty(
        name="Kind",
        description="What the stroke says",
        items=[(NONE, "None", "Not a stroke", "NONE", 0), *KINDS],
        update=_kind_chosen,
    )
    speed: bpy.props.FloatProperty(
        name="Speed",
        description="How far it flows in a second, in percent of the photo's long side",
        default=DEFAULT_SPEED,
        min=0.0,
        soft_max=50.0,
        max=1000.0,
        precision=1,
        subtype="PERCENTAGE",
    )
    mask: bpy.props.PointerProperty(
        type=bpy.types.Image,
        name="Mask",
        description="What is painted on the photo, of an object that is there to be painted on",
    )
    has_direction: bpy.props.BoolProperty(
        name="One Direction",
        description="All of the region flows one way. Otherwise its arrows say how it flows; "
        "without any, it moves as such a region usually does",
    )
    direction: bpy.props.FloatProperty(
        name="Direction",
        description="Where it flows: 0 is to the right, 90 degrees up",
        subtype="ANGLE",
    )


class DrawnMotion(bpy.types.PropertyGroup):
    """What holds for all that is drawn in a scene."""

    is_used: bpy.props.BoolProperty(
        name="Use Drawing",
        description="What is drawn says how the photo moves. Turn this off to keep it for later",
        default=True,
    )
    is_shown: bpy.props.BoolProperty(
        name="Show Drawing",
        description="Show arrows, regions and paint over the photo, in the view of the camera",
        default=True,
    )
    active: bpy.props.IntProperty(
        name="Stroke",
        description="The stroke that is shown in detail",
        default=-1,
        update=_object_chosen,
    )


CLASSES = (StrokeSettings, DrawnMotion)


def register() -> None:
    """Register both groups, before those that point to them, and hang one on every object."""
    for cls in CLASSES:
        use_context(cls)
        bpy.utils.register_class(cls)
    owner: Any = bpy.types.Object
    pointer: Any = bpy.props.PointerProperty  # stubs have it return nothing
    owner.livescape_motion = pointer(type=StrokeSettings, name="Livescape Motion")


def unregister() -> None:
    """Undo :func:`register`, after those that point to them are gone."""
    owner: Any = bpy.types.Object
    del owner.livescape_motion
    for cls in reversed(CLASSES):
        bpy.utils.unregister_class(cls)


def said_by(item: bpy.types.Object) -> StrokeSettings:
    """Return what an object says about motion."""
    group: StrokeSettings = item.livescape_motion  # type: ignore[attr-defined]
    return group
