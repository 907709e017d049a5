"""Paint on the photo what moves and what stands."""

# mypy: disable-error-code="valid-type"
# Blender reads property definitions from annotations, which a type checker takes for types.

from __future__ import annotations

from typing import Any

import bpy

from livescape_shared.errors import LivescapeError

from ..motion.brushes import MEANINGS, put_down, take_up
from ..motion.canvas import add_canvas, is_canvas, own_canvas
from ..motion.preview import prepare
from ..motion.properties import MOVES
from ..motion.reference import Stage
from ..redraw import redraw_viewports
from ..translations.words import rpt, tip
from ..undo_step import push_undo
from .motion_base import OnMotion, choose, stage_in
from .result import Result


class LIVESCAPE_OT_paint_mask(OnMotion):
    """Paint a mask on the photo, in *Texture Paint*."""

    bl_idname = "livescape.paint_mask"
    bl_label = "Paint Mask"
    bl_description = "Paint on the photo, seen through the camera"
    # To begin is a step of undo, which is pushed then; to take another brush is none.
    bl_options = {"REGISTER"}

    meaning: bpy.props.EnumProperty(
        name="Meaning",
        description="What is said by what is painted",
        items=MEANINGS,
        default=MOVES,
        options={"SKIP_SAVE"},
    )

    @classmethod
    def description(cls, context: bpy.types.Context, properties: Any) -> str:
        """Say what the brush means."""
        said = next(text for each, _, text in MEANINGS if each == properties.meaning)
        return tip(f"Paint on the photo, seen through the camera. {said}")

    def execute(self, context: bpy.types.Context) -> Result:
        """Go to the mask, made if there is none, with the brush that was asked for."""
        try:
            stage = stage_in(context)
            if not (context.mode == "PAINT_TEXTURE" and is_canvas(context.object)):
                _begin(context, stage)
        except LivescapeError as error:
            return self.refuse(error)
        take_up(context, self.meaning)
        view = getattr(context.space_data, "region_3d", None)
        if view is not None:
            view.view_perspective = "CAMERA"
        redraw_viewports()
        return {"FINISHED"}


def _begin(context: Any, stage: Stage) -> None:
    """Go to a mask of the photo's shape that can be painted on, made if there is none.

    Raises:
        LivescapeError: ``drawing_hidden``.
    """
    if context.mode != "OBJECT":
        bpy.ops.object.mode_set(mode="OBJECT")
    item = own_canvas(context.scene, stage.photo) or add_canvas(context.scene, stage)
    if item.name in context.view_layer.objects:
        item.hide_viewport = False
        item.hide_set(False)
    if not item.visible_get():
        raise LivescapeError(
            "drawing_hidden",
            f"The collection of {item.name} is hidden, so it cannot be painted on.",
            hint="Show the collection in the Outliner.",
        )
    choose(context, [item])
    bpy.ops.object.mode_set(mode="TEXTURE_PAINT")
    push_undo(context, "Paint Mask")
    prepare(context)


class LIVESCAPE_OT_end_painting(bpy.types.Operator):
    """Leave *Texture Paint*."""

    bl_idname = "livescape.end_painting"
    bl_label = "Done Painting"
    bl_description = "Go back to Object Mode; what is painted stays"
    bl_options = {"REGISTER", "UNDO"}

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        """Only while a mask is painted."""
        cls.poll_message_set(rpt("No mask is being painted"))
        return context.mode == "PAINT_TEXTURE" and is_canvas(context.object)

    def execute(self, context: bpy.types.Context) -> Result:
        """Leave it."""
        bpy.ops.object.mode_set(mode="OBJECT")
        put_down(context)
        redraw_viewports()
        return {"FINISHED"}


CLASSES: tuple[Any, ...] = (LIVESCAPE_OT_paint_mask, LIVESCAPE_OT_end_painting)
